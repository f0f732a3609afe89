import type * as k8s from "@pulumi/kubernetes";

type Egress = k8s.types.input.networking.v1.NetworkPolicyEgressRule;

/** Whoever may speak to few has to find them. */
export const toDns: Egress = {
  to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
  ports: ["UDP", "TCP"].map((protocol) => ({ port: 53, protocol })),
};

/** It is outside of every namespace, and where it listens differs. */
export const toApiServer: Egress = { ports: [443, 6443].map((port) => ({ port, protocol: "TCP" })) };
