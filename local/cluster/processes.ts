import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toolPath } from "../tools/tools.ts";
import { type Dirs, type Mode, nodeAddress, nodeName, serviceRange } from "./layout.ts";
import type { KeyPair, Pki } from "./pki.ts";

export interface ProcessContext {
  readonly slot: number;
  readonly mode: Mode;
  readonly where: Dirs;
  readonly pki: Pki;
  readonly server: KeyPair;
  readonly kubeletClient: KeyPair;
  /** A cluster that only lives for a test needn't survive a power cut. */
  readonly isThrowAway: boolean;
}

type Command = { readonly tool: string; readonly flags: Readonly<Record<string, string>> };

/** etcd listens inside the node's network namespace only, so it needs no certificates. */
const etcd = ({ where, isThrowAway }: ProcessContext): Command => ({
  tool: "etcd",
  flags: {
    "data-dir": where.etcd,
    "listen-client-urls": "http://127.0.0.1:2379",
    "advertise-client-urls": "http://127.0.0.1:2379",
    "listen-peer-urls": "http://127.0.0.1:2380",
    "log-level": "warn",
    ...(isThrowAway ? { "unsafe-no-fsync": "true" } : {}),
  },
});

const apiServer = ({ slot, where, pki, server, kubeletClient }: ProcessContext): Command => ({
  tool: "kube-apiserver",
  flags: {
    "etcd-servers": "http://127.0.0.1:2379",
    "bind-address": "0.0.0.0",
    "advertise-address": nodeAddress(slot),
    "secure-port": "6443",
    "service-cluster-ip-range": serviceRange,
    "client-ca-file": pki.ca.cert,
    "tls-cert-file": server.cert,
    "tls-private-key-file": server.key,
    "kubelet-certificate-authority": pki.ca.cert,
    "kubelet-client-certificate": kubeletClient.cert,
    "kubelet-client-key": kubeletClient.key,
    "kubelet-preferred-address-types": "InternalIP",
    "service-account-issuer": "https://kubernetes.default.svc",
    "service-account-key-file": pki.serviceAccounts,
    "service-account-signing-key-file": pki.serviceAccounts,
    "authorization-mode": "Node,RBAC",
    "enable-admission-plugins": "NodeRestriction",
    "allow-privileged": "true",
    "audit-policy-file": join(where.config, "audit.yaml"),
    "audit-log-path": join(where.logs, "audit.log"),
    "audit-log-maxsize": "50",
    "audit-log-maxbackup": "2",
  },
});

/** The default request rates make a new namespace's ServiceAccount wait for seconds. */
const unhurried = { "kube-api-qps": "500", "kube-api-burst": "1000" };

const controllerManager = ({ where, pki }: ProcessContext): Command => ({
  tool: "kube-controller-manager",
  flags: {
    kubeconfig: where.kubeconfig("controller-manager"),
    "service-account-private-key-file": pki.serviceAccounts,
    "root-ca-file": pki.ca.cert,
    "use-service-account-credentials": "true",
    "leader-elect": "false",
    "bind-address": "127.0.0.1",
    ...unhurried,
  },
});

const scheduler = ({ where }: ProcessContext): Command => ({
  tool: "kube-scheduler",
  flags: {
    kubeconfig: where.kubeconfig("scheduler"),
    "leader-elect": "false",
    "bind-address": "127.0.0.1",
    ...unhurried,
  },
});

const kubelet = ({ slot, where }: ProcessContext): Command => ({
  tool: "kubelet",
  flags: {
    config: join(where.config, "kubelet.yaml"),
    kubeconfig: where.kubeconfig("kubelet"),
    "hostname-override": nodeName,
    "root-dir": where.kubelet,
    "node-ip": nodeAddress(slot),
  },
});

const kubeProxy = ({ where }: ProcessContext): Command => ({
  tool: "kube-proxy",
  flags: { config: join(where.config, "kube-proxy.yaml") },
});

const containerd = ({ where }: ProcessContext): Command => ({
  tool: "containerd",
  flags: { config: join(where.config, "containerd.toml") },
});

const commands = { etcd, apiServer, controllerManager, scheduler, kubelet, kubeProxy, containerd };
const atOnce: Record<Mode, Command["tool"][]> = {
  api: ["etcd", "kube-apiserver"],
  node: ["etcd", "kube-apiserver", "containerd"],
};
const afterApi: Record<Mode, Command["tool"][]> = {
  api: ["kube-controller-manager"],
  node: ["kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy"],
};

const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Writes what init.sh runs: a small script for each process, and the order in which they start. */
export async function writeProcesses(context: ProcessContext): Promise<void> {
  const dir = context.where.processes;
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const started = [...atOnce[context.mode], ...afterApi[context.mode]];
  for (const make of Object.values(commands)) {
    const { tool, flags } = make(context);
    if (!started.includes(tool)) continue;
    const executable = tool === "containerd" ? tool : await toolPath(tool);
    const args = Object.entries(flags).map(([flag, value]) => `  --${flag}=${quote(value)}`);
    const file = join(dir, tool);
    await writeFile(file, `#!/bin/sh\nexec ${[quote(executable), ...args].join(" \\\n")}\n`);
    await chmod(file, 0o755);
  }
  await writeFile(join(dir, "at-once"), atOnce[context.mode].join("\n"));
  await writeFile(join(dir, "after-api"), afterApi[context.mode].join("\n"));
}

/** Lets init.sh start what talks to the API server. */
export const releaseAfterApi = (where: Dirs): Promise<void> => writeFile(join(where.processes, "api-is-ready"), "");
