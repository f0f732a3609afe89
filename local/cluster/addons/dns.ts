import { clusterDomain, dnsAddress } from "../layout.ts";
import {
  clusterRole,
  clusterRoleBinding,
  configMap,
  deployment,
  resources,
  service,
  serviceAccount,
} from "./objects.ts";

const space = "kube-system";

const corefile = `.:53 {
    errors
    health :8080
    ready :8181
    kubernetes ${clusterDomain} in-addr.arpa
    template ANY ANY . {
        rcode NXDOMAIN
    }
    prometheus :9153
    cache 5
}
`;

/** Names of this cluster resolve; all others don't exist, for there is no way out to ask. */
export function dns(image: string): object[] {
  const pod = {
    serviceAccountName: "coredns",
    priorityClassName: "system-cluster-critical",
    dnsPolicy: "Default",
    containers: [
      {
        name: "coredns",
        image,
        args: ["-conf", "/etc/coredns/Corefile"],
        ports: [{ name: "dns", containerPort: 53, protocol: "UDP" }],
        readinessProbe: { httpGet: { path: "/ready", port: 8181 }, periodSeconds: 1 },
        resources: resources("50m", "128Mi"),
        volumeMounts: [{ name: "config", mountPath: "/etc/coredns" }],
      },
    ],
    volumes: [{ name: "config", configMap: { name: "coredns" } }],
  };
  return [
    serviceAccount(space, "coredns"),
    clusterRole("local-coredns", [
      { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ]),
    clusterRoleBinding("local-coredns", "local-coredns", space, "coredns"),
    configMap(space, "coredns", { Corefile: corefile }),
    deployment(space, "coredns", pod),
    service(
      space,
      "kube-dns",
      [
        { name: "dns", port: 53, protocol: "UDP" },
        { name: "dns-tcp", port: 53, protocol: "TCP" },
      ],
      { clusterIP: dnsAddress, selector: { app: "coredns" } },
    ),
  ];
}
