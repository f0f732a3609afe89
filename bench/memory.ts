import { readdirSync, readFileSync } from "node:fs";
import { installAddons } from "../local/cluster/addons/addons.ts";
import { findCluster } from "../local/cluster/cluster.ts";
import { namespaceOf } from "../local/cluster/layout.ts";
import { startCluster } from "../local/cluster/start.ts";
import { stopCluster } from "../local/cluster/stop.ts";
import { commandOf } from "../local/process-id.ts";

export const summary = "resident memory of an idle cluster: its node, its DNS and its gateway, nothing deployed";

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const name = "bench-idle";
  try {
    await installAddons(await startCluster({ name, mode: "node" }));
    const cluster = await findCluster(name);
    const byCommand = residentMemory(namespaceOf(cluster!.slot));
    const megabytes = [...byCommand.values()].reduce((sum, each) => sum + each, 0);
    if (!json) {
      for (const [command, each] of [...byCommand].sort((a, b) => b[1] - a[1])) {
        console.log(`${command.padEnd(20)}${each.toFixed(0).padStart(6)} MB`);
      }
      console.log(`${"all".padEnd(20)}${megabytes.toFixed(0).padStart(6)} MB`);
    }
    return { megabytes: Math.round(megabytes), byCommand: Object.fromEntries(byCommand) };
  } finally {
    await stopCluster(name, { deleteData: true });
  }
}

/** Megabytes by command, over all processes in the cluster's control groups. */
function residentMemory(group: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (!new RegExp(`${group}(?!\\d)`).test(readFileSync(`/proc/${pid}/cgroup`, "utf8"))) continue;
      const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
      const command = commandOf(Number(pid));
      found.set(command, (found.get(command) ?? 0) + kilobytes / 1024);
    } catch {
      // it ended while we looked
    }
  }
  return found;
}
