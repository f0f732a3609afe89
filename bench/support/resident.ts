import { readdirSync, readFileSync } from "node:fs";
import type { Cluster } from "../../local/cluster/cluster.ts";
import { namespaceOf } from "../../local/cluster/layout.ts";
import { commandOf } from "../../local/process-id.ts";

/** Megabytes by command, over all processes in the cluster's control groups. */
export function residentMemory({ slot }: Cluster): Map<string, number> {
  const group = new RegExp(`${namespaceOf(slot)}(?!\\d)`);
  const found = new Map<string, number>();
  for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
    try {
      if (!group.test(readFileSync(`/proc/${pid}/cgroup`, "utf8"))) continue;
      const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
      const command = commandOf(Number(pid));
      found.set(command, (found.get(command) ?? 0) + kilobytes / 1024);
    } catch {
      // it ended while we looked
    }
  }
  return found;
}
