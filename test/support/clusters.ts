import { installAddons } from "../../local/cluster/addons/addons.ts";
import type { Cluster } from "../../local/cluster/cluster.ts";
import type { Mode } from "../../local/cluster/layout.ts";
import { startCluster } from "../../local/cluster/start.ts";
import { stopCluster } from "../../local/cluster/stop.ts";

const shared = new Map<Mode, Promise<Cluster>>();
const nameOf = (mode: Mode): string => `test-${mode}-${process.pid}`;

/** One cluster of each kind serves all tests of a run; each test has namespaces of its own in it. */
export function sharedCluster(mode: Mode): Promise<Cluster> {
  const started = shared.get(mode) ?? start(mode);
  shared.set(mode, started);
  return started;
}

async function start(mode: Mode): Promise<Cluster> {
  const cluster = await startCluster({ name: nameOf(mode), mode, isThrowAway: true });
  if (mode === "node") await installAddons(cluster);
  return cluster;
}

export async function stopSharedClusters(): Promise<void> {
  for (const [mode, started] of shared) {
    await started.catch(() => undefined);
    await stopCluster(nameOf(mode), { deleteData: true });
  }
  shared.clear();
}
