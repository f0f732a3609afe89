import { installAddons } from "../local/cluster/addons/addons.ts";
import { startCluster } from "../local/cluster/start.ts";
import { stopCluster } from "../local/cluster/stop.ts";
import { residentMemory } from "./support/resident.ts";

export const summary = "resident memory of an idle cluster: its node, its DNS and its gateway, nothing deployed";

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const name = "bench-idle";
  try {
    const cluster = await startCluster({ name, mode: "node" });
    await installAddons(cluster);
    const byCommand = residentMemory(cluster);
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
