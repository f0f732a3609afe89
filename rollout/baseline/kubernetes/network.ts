import { at, entriesAt, listAt, textAt, textsAt, when } from "../look.ts";
import type { ResourceCheck, Topic } from "../model.ts";
import { isKind, kindOf, versionOf } from "./objects.ts";

const internal = [
  "service.beta.kubernetes.io/aws-load-balancer-scheme=internal",
  "service.beta.kubernetes.io/aws-load-balancer-internal=true",
  "networking.gke.io/load-balancer-type=Internal",
  "service.beta.kubernetes.io/azure-load-balancer-internal=true",
];
const everywhere = ["0.0.0.0/0", "::/0"];
const oldVersions =
  /^(extensions\/v1beta1|apps\/v1beta[12]|policy\/v1beta1|batch\/v1beta1|autoscaling\/v2beta[12]|networking\.k8s\.io\/v1beta1|rbac\.authorization\.k8s\.io\/v1beta1)$/;

const hostsOf = (props: unknown): string[] => [
  ...listAt(props, "spec.rules").flatMap((rule) => textAt(rule, "host") || []),
  ...listAt(props, "spec.listeners").flatMap((listener) => textAt(listener, "hostname") || []),
  ...textsAt(props, "spec.hostnames"),
];

/** What can be reached from where. */
export const network: Topic<ResourceCheck> = {
  name: "kubernetes-network",
  description: "Users come in through one door, encrypted",
  checks: [
    {
      id: "KB-49",
      title: "no port on the nodes, no foreign addresses",
      why: "they go round the gateway",
      requirement: "Kyverno restrict-node-port, restrict-service-external-ips",
      find: (resource) => {
        if (!isKind(resource, "Service")) return [];
        const addresses = textsAt(resource.props, "spec.externalIPs");
        return [
          ...when(at(resource.props, "spec.type") === "NodePort", "spec.type is NodePort; use the gateway"),
          ...when(addresses.length > 0, `spec.externalIPs are ${addresses.join(", ")}; leave them out`),
        ];
      },
    },
    {
      id: "KB-50",
      title: "a load balancer is internal, or says who may come",
      why: "the whole world may otherwise",
      requirement: "kube-linter exposed-services",
      find: (resource) => {
        if (!isKind(resource, "Service") || at(resource.props, "spec.type") !== "LoadBalancer") return [];
        const notes = entriesAt(resource.props, "metadata.annotations").map(([key, value]) => `${key}=${value}`);
        const ranges = textsAt(resource.props, "spec.loadBalancerSourceRanges");
        const isBounded = ranges.length > 0 && !ranges.some((range) => everywhere.includes(range));
        return when(!isBounded && !notes.some((note) => internal.includes(note)), "is open to the whole world");
      },
    },
    {
      id: "KB-51",
      title: "what comes from outside is encrypted",
      why: "everybody on the way reads it",
      requirement: "Polaris tlsSettingsMissing",
      find: (resource) => {
        if (isKind(resource, "Ingress")) {
          return when(listAt(resource.props, "spec.tls").length === 0, "has no spec.tls");
        }
        if (!isKind(resource, "Gateway")) return [];
        return listAt(resource.props, "spec.listeners").flatMap((listener) =>
          when(
            ["HTTP", "TCP"].includes(textAt(listener, "protocol")),
            `listener ${textAt(listener, "name")} speaks ${textAt(listener, "protocol")}; use HTTPS`,
          ),
        );
      },
    },
    {
      id: "KB-52",
      title: "no wildcard host, no snippets for nginx",
      why: "one takes the requests of others, the other any file of the controller",
      requirement: "Checkov CKV_K8S_152 to 154",
      find: (resource) => {
        if (!isKind(resource, "Ingress", "HTTPRoute", "VirtualService", "Gateway")) return [];
        const wild = hostsOf(resource.props).filter((host) => host.startsWith("*"));
        const snippets = entriesAt(resource.props, "metadata.annotations").flatMap(([key]) =>
          /-snippet$/.test(key) ? key : [],
        );
        return [
          ...when(wild.length > 0, `takes all of ${wild.join(", ")}; name the hosts`),
          ...when(snippets.length > 0, `has ${snippets.join(", ")}; leave it out`),
        ];
      },
    },
    {
      id: "KB-54",
      title: "no version of a kind that is on its way out",
      why: "the next cluster doesn't know it",
      requirement: "kube-score stable-version",
      find: (resource) =>
        when(oldVersions.test(versionOf(resource)), `${versionOf(resource)} of ${kindOf(resource)} is gone; use v1`),
    },
    {
      id: "KB-61",
      title: "a mesh refuses what isn't encrypted",
      why: "anybody in the cluster may listen and speak",
      requirement: "Kubescape C-0054",
      find: (resource) =>
        isKind(resource, "PeerAuthentication")
          ? when(textAt(resource.props, "spec.mtls.mode") !== "STRICT", "spec.mtls.mode has to be STRICT")
          : [],
    },
  ],
};
