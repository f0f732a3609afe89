import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../exec.ts";
import { childrenOf, type ProcessId } from "../process-id.ts";
import { toolPath } from "../tools/tools.ts";
import { UserError } from "../user-error.ts";
import { waitFor } from "../wait.ts";
import { clustersDir, type Dirs, dirs, type Mode, nodeAddress } from "./layout.ts";
import { findSlot } from "./slots.ts";

/** A cluster that runs. */
export interface Cluster {
  readonly name: string;
  readonly mode: Mode;
  readonly slot: number;
  /** The node's own address, reachable from this machine over the cluster's link. */
  readonly address: string;
  readonly where: Dirs;
  /** What holds the node's namespaces: the parent of all that runs in it. */
  readonly init: ProcessId;
  /** The process that is number 1 inside the node. */
  readonly innerPid: number;
}

export interface ClusterRecord {
  readonly mode: Mode;
  readonly lastSlot: number;
  readonly isThrowAway: boolean;
  /** Its API server hasn't been there yet. */
  readonly hasNeverAnswered?: true;
}

/** The cluster of this name in this checkout, if it runs. */
export async function findCluster(name: string): Promise<Cluster | undefined> {
  const use = await findSlot(dirs(name).top);
  const record = await readRecord(dirs(name));
  return use?.init && record ? describe(name, record.mode, use.slot, use.init) : undefined;
}

export async function knownClusters(): Promise<string[]> {
  const entries = await readdir(clustersDir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

export async function readRecord(where: Dirs): Promise<ClusterRecord | undefined> {
  const text = await readFile(where.record, "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

export const writeRecord = (where: Dirs, record: ClusterRecord): Promise<void> =>
  writeFile(where.record, JSON.stringify(record));

export const describe = (name: string, mode: Mode, slot: number, init: ProcessId): Cluster => ({
  name,
  mode,
  slot,
  address: nodeAddress(slot),
  where: dirs(name),
  init,
  get innerPid() {
    const inner = childrenOf(init.pid)[0];
    if (inner === undefined) throw new UserError(`cluster ${name} is not running`, { mend: "npm start" });
    return inner;
  },
});

/** Rejects with the reason where it doesn't. */
export const isAnswering = async (cluster: Cluster): Promise<boolean> =>
  (await kubectl(cluster, ["get", "--raw", "/readyz", "--request-timeout=2s"])) === "ok";

export interface KubectlOptions {
  readonly input?: string;
  /** Tries again while the command fails, for objects that are about to appear. */
  readonly retry?: boolean;
}

/** Runs kubectl as the cluster's admin. */
export async function kubectl(
  cluster: Cluster,
  args: string[],
  { input, retry }: KubectlOptions = {},
): Promise<string> {
  const command = await toolPath("kubectl");
  const all = [
    "--kubeconfig",
    cluster.where.kubeconfig("admin"),
    "--cache-dir",
    join(cluster.where.top, "cache"),
    ...args,
  ];
  const run = (): Promise<string> => exec(command, all, input === undefined ? {} : { input });
  return retry ? waitFor(`kubectl ${args.join(" ")}`, run, { timeout: 90_000 }) : run();
}

export async function apply(cluster: Cluster, objects: readonly object[]): Promise<void> {
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
  await kubectl(cluster, ["apply", "--server-side", "--force-conflicts", "-f", "-"], { input: list, retry: true });
}

/** Runs a command inside the node: in its network, mounts and processes. */
export function execInNode(cluster: Cluster, command: string[]): Promise<string> {
  return exec("nsenter", nodeArgs(cluster, command));
}

export const nodeArgs = (cluster: Cluster, command: string[]): string[] => [
  ...["--target", String(cluster.innerPid), "--net", "--mount", "--pid", "--"],
  ...command,
];
