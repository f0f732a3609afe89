import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";

interface Opened {
  readonly request: ClusterRequest;
  /** Address ranges that members and clients come from. */
  readonly clients: readonly string[];
  /** Of the members. */
  readonly labels: Readonly<Record<string, string>>;
}

/** Once a policy closes the store, each other pod of the cluster has one too: the ranges that its members let in. */
export function openToClients(name: string, { request, clients, labels }: Opened, opts: pulumi.ResourceOptions): void {
  const { scope, namespace } = request;
  const beside = { "app.kubernetes.io/instance": scope };
  for (const [what, matchLabels] of Object.entries({ members: labels, beside })) {
    const from = clients.map((cidr) => ({ ipBlock: { cidr } }));
    new k8s.networking.v1.NetworkPolicy(
      `${name}-open-${what}`,
      {
        metadata: { name: `${scope}-${what}`, namespace, labels },
        spec: { podSelector: { matchLabels }, policyTypes: ["Ingress"], ingress: [{ from }] },
      },
      opts,
    );
  }
}
