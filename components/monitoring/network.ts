import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { databasesOf, type Scraped } from "../../rollout/monitoring/scrape-jobs.ts";

export interface NetworkArgs {
  /** Of the monitoring: as it is called, and as it is known once it is there. */
  readonly space: string;
  readonly namespace: pulumi.Input<string>;
  readonly systems: Readonly<Record<string, pulumi.Input<string>>>;
  readonly plans: readonly Scraped[];
  readonly gateway?: { readonly namespace: string };
  readonly analyzer?: { readonly namespace: string };
}

type Spec = k8s.types.input.networking.v1.NetworkPolicySpec;

const spaceOf = (name: pulumi.Input<string>) => ({
  namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": name } },
});
const only = (app: string) => ({ podSelector: { matchLabels: { "app.kubernetes.io/name": app } } });
const tcp = (port: number | string) => ({ port, protocol: "TCP" });
/** Wherever the API server is: it has no namespace, and no address that is known beforehand. */
const apiServer = { ports: [tcp(443), tcp(6443)] };

/** Systems let in nobody but the gateway; whoever measures may come to the port where they tell. */
export function letIn(
  name: string,
  { systems, plans, space }: Pick<NetworkArgs, "systems" | "plans" | "space">,
  opts: pulumi.ResourceOptions,
): void {
  const databases = databasesOf(plans).map(({ system }): string => system);
  for (const [system, namespace] of Object.entries(systems)) {
    const allow = (what: string, podSelector: Spec["podSelector"]): void => {
      const ingress = [{ from: [spaceOf(space)], ports: [tcp("health")] }];
      const metadata = { name: `allow-monitoring${what}`, namespace };
      const spec = { podSelector, policyTypes: ["Ingress"], ingress };
      new k8s.networking.v1.NetworkPolicy(`${name}-scrapes-${system}${what}`, { metadata, spec }, opts);
    };
    allow("", { matchExpressions: [{ key: "rampart.dev/track", operator: "Exists" }] });
    if (databases.includes(system)) allow("-members", { matchLabels: { application: "patroni" } });
  }
}

/** Closed but for what measuring and calling need. */
export function openNetwork(name: string, args: NetworkArgs, opts: pulumi.ResourceOptions): void {
  const { namespace, systems, gateway, analyzer } = args;
  letIn(name, args, opts);
  const here = (role: string, spec: Spec): void => {
    new k8s.networking.v1.NetworkPolicy(`${name}-${role}`, { metadata: { name: role, namespace }, spec }, opts);
  };
  here("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  here("inside-and-analyzer", {
    podSelector: {},
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: [{ podSelector: {} }, ...(analyzer ? [spaceOf(analyzer.namespace)] : [])] }],
    egress: [
      { to: [{ podSelector: {} }] },
      { to: [spaceOf("kube-system")], ports: [tcp(53), { port: 53, protocol: "UDP" }] },
    ],
  });
  const asked = [
    ...Object.values(systems),
    ...[gateway, analyzer].flatMap((place) => (place ? [place.namespace] : [])),
  ];
  here("prometheus-asks", {
    ...only("prometheus"),
    policyTypes: ["Egress"],
    egress: [apiServer, { to: asked.map(spaceOf) }],
  });
  here("objects-are-watched", { ...only("kube-state-metrics"), policyTypes: ["Egress"], egress: [apiServer] });
  // Receivers and the addresses that users have may be anywhere.
  for (const app of ["alertmanager", "blackbox-exporter"]) {
    here(`${app}-calls`, { ...only(app), policyTypes: ["Egress"], egress: [{}] });
  }
}
