import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { signalProcess } from "../process-id.ts";
import { namespaceOf } from "./layout.ts";

const top = "/sys/fs/cgroup";
const isUnified = (): boolean => existsSync(join(top, "cgroup.controllers"));

/** The hierarchies in which a cluster gets a subtree of its own: all of version 1's, or the one of version 2. */
async function hierarchies(): Promise<string[]> {
  if (isUnified()) return [top];
  const entries = await readdir(top, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(top, entry.name));
}

export async function makeCgroups(slot: number): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const dir = join(hierarchy, namespaceOf(slot));
    await mkdir(dir, { recursive: true });
    if (isUnified()) {
      const controllers = (await readFile(join(dir, "cgroup.controllers"), "utf8")).trim().split(" ");
      await writeFile(join(dir, "cgroup.subtree_control"), controllers.map((each) => `+${each}`).join(" "));
    }
    // A new cpuset is empty, and nothing can run in it.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      const parent = join(hierarchy, file);
      if (!isUnified() && existsSync(parent)) await writeFile(join(dir, file), await readFile(parent));
    }
  }
}

/** The group of the node's own processes: it can only be removed once all of them are gone. */
const nodeGroup = (slot: number): string => join(top, isUnified() ? "" : "pids", namespaceOf(slot), "node");

/** The file that takes a process into that group. */
export async function nodeGroupFile(slot: number): Promise<string> {
  await mkdir(nodeGroup(slot), { recursive: true });
  return join(nodeGroup(slot), "cgroup.procs");
}

/** Ends every process in the cluster's groups and removes them; fails while one of those is not gone yet. */
export async function removeCgroups(slot: number): Promise<void> {
  for (const hierarchy of await hierarchies()) await removeTree(join(hierarchy, namespaceOf(slot)));
}

/** Control groups are removed from the leaves up, and their files go with them. */
async function removeTree(dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeTree(join(dir, entry.name));
  }
  const members = (await readFile(join(dir, "cgroup.procs"), "utf8")).split("\n").filter(Boolean).map(Number);
  for (const pid of members) signalProcess(pid, "SIGKILL");
  await rmdir(dir);
}
