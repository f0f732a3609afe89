import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clusterDomain, type Dirs, dnsAddress, namespaceOf, nodeName, podRange } from "./layout.ts";
import type { KeyPair } from "./pki.ts";

/** Inside the node's private /run, so that the folder of a checkout may be as deep as it likes. */
export const containerdSocket = "/run/containerd/containerd.sock";

const audit = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [
    { level: "None", verbs: ["get", "list", "watch"] },
    { level: "None", resources: [{ group: "coordination.k8s.io" }, { group: "", resources: ["events"] }] },
    { level: "Metadata" },
  ],
};

const containerdToml = (where: Dirs, sandboxImage: string): string => `version = 2
root = "${where.containerd}"
state = "/run/containerd"
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  # Without it every pod fails where the kernel refuses a lower score than the parent's.
  restrict_oom_score_adj = true
  sandbox_image = "${sandboxImage}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${where.config}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
`;

const cni = {
  cniVersion: "1.0.0",
  name: "rampart",
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      ipMasq: false,
      hairpinMode: true,
      ipam: {
        type: "host-local",
        dataDir: "/run/cni-ipam",
        ranges: [[{ subnet: podRange.replace("/16", "/23") }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};

const kubelet = (slot: number, ca: string, server: KeyPair): object => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: ca } },
  authorization: { mode: "Webhook" },
  tlsCertFile: server.cert,
  tlsPrivateKeyFile: server.key,
  cgroupDriver: "cgroupfs",
  cgroupRoot: `/${namespaceOf(slot)}`,
  failCgroupV1: false,
  failSwapOn: false,
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  clusterDNS: [dnsAddress],
  clusterDomain,
  resolvConf: "",
  maxPods: 250,
  evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
  imageGCHighThresholdPercent: 99,
  imageGCLowThresholdPercent: 98,
  serializeImagePulls: false,
  syncFrequency: "5s",
});

const kubeProxy = (where: Dirs): object => ({
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  clientConnection: { kubeconfig: where.kubeconfig("kube-proxy") },
  mode: "nftables",
  clusterCIDR: podRange,
  hostnameOverride: nodeName,
  conntrack: { maxPerCore: 0, min: 0 },
  metricsBindAddress: "127.0.0.1:10249",
  healthzBindAddress: "127.0.0.1:10256",
  // Zero would be taken for "default": a second, in which a new pod's first DNS query is lost.
  nftables: { minSyncPeriod: "10ms", syncPeriod: "30s" },
});

export interface NodeConfig {
  readonly slot: number;
  readonly ca: string;
  readonly server: KeyPair;
  readonly sandboxImage: string;
}

/** JSON is YAML, so nothing here needs a YAML writer. */
export async function writeConfig(where: Dirs, node: NodeConfig): Promise<void> {
  await mkdir(join(where.config, "cni"), { recursive: true });
  const json = (file: string, value: object): Promise<void> =>
    writeFile(join(where.config, file), JSON.stringify(value));
  await json("audit.yaml", audit);
  await json("cni/10-bridge.conflist", cni);
  await json("kubelet.yaml", kubelet(node.slot, node.ca, node.server));
  await json("kube-proxy.yaml", kubeProxy(where));
  await writeFile(join(where.config, "containerd.toml"), containerdToml(where, node.sandboxImage));
}
