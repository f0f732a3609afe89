import { join } from "node:path";
import { stateDir } from "../paths.ts";

/** `api`: etcd, API server and controllers, no pods. `node`: a whole node with pods, DNS, Services and a gateway. */
export type Mode = "api" | "node";

/** Who a kubeconfig context is: the group is what RBAC binds; `admin` is a cluster's own root. */
export const identities = {
  admin: "system:masters",
  platform: "rampart:platform",
  systems: "rampart:systems",
  viewer: "rampart:viewers",
  previewer: "rampart:previewers",
} as const;
export type Identity = keyof typeof identities;

export const clusterDomain = "cluster.local";
export const serviceRange = "10.96.0.0/16";
export const dnsAddress = "10.96.0.10";
export const podRange = "10.244.0.0/16";
export const nodeName = "node1";

/** The port of the node's own address at which the gateway listens. */
export const gatewayPort = 80;

/** Every cluster lives in a network namespace of its own, so only the link to the host differs from slot to slot. */
export const hostAddress = (slot: number): string => `10.250.${slot}.1`;
export const nodeAddress = (slot: number): string => `10.250.${slot}.2`;
export const namespaceOf = (slot: number): string => `rampart-${slot}`;
export const linkOf = (slot: number): string => `rampart-${slot}`;
export const slots = Array.from({ length: 250 }, (_, index) => index + 1);

export const clustersDir = join(stateDir, "clusters");
export const mergedKubeconfig = join(stateDir, "kubeconfig");

/** Where a cluster keeps its things. */
export function dirs(name: string) {
  const top = join(clustersDir, name);
  return {
    top,
    record: join(top, "cluster.json"),
    pki: join(top, "pki"),
    config: join(top, "config"),
    processes: join(top, "processes"),
    logs: join(top, "logs"),
    etcd: join(top, "etcd"),
    containerd: join(top, "containerd"),
    kubelet: join(top, "kubelet"),
    volumes: join(top, "volumes"),
    private: join(top, "private"),
    kubeconfig: (who: Identity | Component): string => join(top, "config", `${who}.kubeconfig`),
  };
}
export type Dirs = ReturnType<typeof dirs>;

export type Component = "controller-manager" | "scheduler" | "kubelet" | "kube-proxy";
