import { spawn } from "node:child_process";
import { openSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ensureImages } from "../images/images.ts";
import { identify, isRunning, type ProcessId, thisProcess } from "../process-id.ts";
import { withLock } from "../setup/lock.ts";
import { UserError } from "../user-error.ts";
import { waitFor } from "../wait.ts";
import { makeCgroups, nodeGroupFile } from "./cgroups.ts";
import {
  apply,
  type Cluster,
  describe,
  findCluster,
  isAnswering,
  kubectl,
  readRecord,
  writeRecord,
} from "./cluster.ts";
import { writeConfig } from "./config.ts";
import { refreshMergedKubeconfig, serverOf, writeKubeconfigs } from "./kubeconfig.ts";
import {
  type Component,
  type Dirs,
  dirs,
  type Identity,
  identities,
  type Mode,
  namespaceOf,
  nodeAddress,
  nodeName,
} from "./layout.ts";
import { connect } from "./network.ts";
import { type KeyPair, Pki, subjectOf } from "./pki.ts";
import { releaseAfterApi, writeProcesses } from "./processes.ts";
import { closeSlot, openSlot, writeUse } from "./slots.ts";
import { stopRunning } from "./stop.ts";

export interface StartOptions {
  readonly name: string;
  readonly mode: Mode;
  /** The cluster ends with this process and leaves nothing, not even its data. */
  readonly isThrowAway?: boolean;
  readonly onProgress?: (text: string) => void;
}

const components: Component[] = ["controller-manager", "scheduler", "kubelet", "kube-proxy"];

/** Brings the API server (and the node) up, or finds it running; add-ons are another step. */
export async function startCluster(options: StartOptions): Promise<Cluster> {
  if (process.getuid?.() !== 0) {
    throw new UserError("a cluster needs network namespaces, which only root can make", {
      mend: "run it again with sudo",
    });
  }
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(options.name)) {
    throw new UserError(`cluster name "${options.name}": allowed are a-z, 0-9 and -, up to 31, a letter first`);
  }
  const where = dirs(options.name);
  return withLock(
    `${where.top}.lock`,
    () => {},
    async () => {
      const running = await findCluster(options.name);
      if (running && running.mode !== options.mode) {
        throw new UserError(`cluster ${options.name} runs in mode ${running.mode}, not ${options.mode}`, {
          mend: `npm run cluster -- down ${options.name}`,
        });
      }
      const cluster = running ?? (await launch(options, where));
      try {
        await complete(cluster, options.onProgress);
        return cluster;
      } catch (error) {
        await stopRunning(cluster);
        throw error;
      }
    },
  );
}

/** Starts the node's first process; all others follow from it. */
async function launch(options: StartOptions, where: Dirs): Promise<Cluster> {
  const { name, mode, isThrowAway = false } = options;
  const owner = isThrowAway ? thisProcess() : undefined;
  const before = await readRecord(where);
  const use = await openSlot(where.top, before?.lastSlot, owner);
  const hasNeverAnswered = before === undefined || before.hasNeverAnswered === true;
  try {
    // etcd that was killed while it made its first files may never start with them; there is nothing in them yet.
    if (hasNeverAnswered) await rm(where.etcd, { recursive: true, force: true });
    await prepare(where, use.slot, mode, isThrowAway);
    await writeRecord(where, { mode, lastSlot: use.slot, isThrowAway, ...(hasNeverAnswered && { hasNeverAnswered }) });
    const init = await startInit(where, use.slot, isThrowAway);
    await writeUse({ ...use, init });
    return describe(name, mode, use.slot, init);
  } catch (error) {
    await closeSlot(use);
    throw error;
  }
}

/** What a cluster needs after its first process is there; whatever is done already is done again without harm. */
async function complete(cluster: Cluster, onProgress: (text: string) => void = () => {}): Promise<void> {
  const { name, mode, where } = cluster;
  onProgress("waiting for the API server");
  await waitFor(`the API server of ${name} (log: ${join(where.logs, "kube-apiserver.log")})`, async () => {
    if (!isRunning(cluster.init))
      throw new Error(`the node ended: ${await readFile(join(where.logs, "init.log"), "utf8")}`);
    return isAnswering(cluster);
  });
  const { hasNeverAnswered: _now, ...record } = (await readRecord(where))!;
  await writeRecord(where, record);
  await bootstrapRoles(cluster);
  await releaseAfterApi(where);
  if (mode === "node") {
    onProgress("waiting for the node");
    await kubectl(cluster, ["wait", "--for=condition=Ready", `node/${nodeName}`, "--timeout=90s"], { retry: true });
  }
  await waitFor("the first ServiceAccount", () => kubectl(cluster, ["get", "serviceaccount", "default"]));
  await refreshMergedKubeconfig();
}

async function prepare(where: Dirs, slot: number, mode: Mode, isThrowAway: boolean): Promise<void> {
  for (const dir of [where.top, where.config, where.logs, where.etcd, where.kubelet, where.volumes, where.private]) {
    await mkdir(dir, { recursive: true, mode: dir === where.volumes ? 0o755 : 0o700 });
  }
  for (const dir of ["var/log", "var/lib/cni", "var/lib/kubelet"]) {
    await mkdir(join(where.private, dir), { recursive: true });
  }
  await connect(slot);
  await makeCgroups(slot);

  const pki = await Pki.open(where.pki);
  const names = ["kubernetes", "kubernetes.default", "kubernetes.default.svc", "localhost"].map(
    (name) => `DNS:${name}`,
  );
  const addresses = [nodeAddress(slot), "10.96.0.1", "127.0.0.1"].map((address) => `IP:${address}`);
  const server = await pki.issue("apiserver", "/CN=kube-apiserver", [...names, ...addresses]);
  const kubeletServer = await pki.issue("kubelet-server", "/CN=kubelet", [`IP:${nodeAddress(slot)}`]);
  const kubeletClient = await pki.issue("apiserver-kubelet-client", "/O=system:masters/CN=apiserver-kubelet-client");
  const pairs = new Map<Identity | Component, KeyPair>();
  for (const who of [...(Object.keys(identities) as Identity[]), ...components]) {
    pairs.set(who, await pki.issue(who, subjectOf(who)));
  }
  const sandboxImage = mode === "node" ? (await ensureImages(["pause"]))[0]!.reference : "";
  await writeKubeconfigs(where, serverOf(slot), pki.ca.cert, pairs);
  await writeConfig(where, { slot, ca: pki.ca.cert, server: kubeletServer, sandboxImage });
  await writeProcesses({ slot, mode, where, pki, server, kubeletClient, isThrowAway });
}

/** Starts init.sh in namespaces of its own: killing it ends every process and every mount of the node. */
async function startInit(where: Dirs, slot: number, isThrowAway: boolean): Promise<ProcessId> {
  const log = openSync(join(where.logs, "init.log"), "w");
  const endsWithUs = isThrowAway ? ["setpriv", "--pdeathsig", "KILL"] : [];
  const unshare = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"];
  const init = [join(import.meta.dirname, "init.sh"), where.top, await nodeGroupFile(slot)];
  const child = spawn("nsenter", [`--net=/run/netns/${namespaceOf(slot)}`, ...endsWithUs, ...unshare, ...init], {
    detached: true,
    stdio: ["ignore", log, log],
  });
  await new Promise((resolve, reject) => child.once("spawn", resolve).once("error", reject));
  child.unref();
  return identify(child.pid!);
}

/** kube-proxy's role has to be there before it starts; the platform team is what a cloud's cluster creator is. */
async function bootstrapRoles(cluster: Cluster): Promise<void> {
  const binding = (name: string, role: string, kind: "User" | "Group", subject: string): object => ({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
    subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind, name: subject }],
  });
  await apply(cluster, [
    binding("local-kube-proxy", "system:node-proxier", "User", "system:kube-proxy"),
    binding("local-platform", "cluster-admin", "Group", identities.platform),
  ]);
}
