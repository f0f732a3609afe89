import { rm } from "node:fs/promises";
import { childrenOf, isRunning, signalProcess } from "../process-id.ts";
import { waitFor } from "../wait.ts";
import { type Cluster, findCluster } from "./cluster.ts";
import { refreshMergedKubeconfig } from "./kubeconfig.ts";
import { dirs } from "./layout.ts";
import { closeSlot, findSlot, reapDeadClusters } from "./slots.ts";

/** Ends the cluster; its data stay for the next start unless asked otherwise. */
export async function stopCluster(name: string, { deleteData = false } = {}): Promise<boolean> {
  await reapDeadClusters();
  const where = dirs(name);
  const running = await findCluster(name);
  if (running) await stopRunning(running);
  if (deleteData) await rm(where.top, { recursive: true, force: true });
  await refreshMergedKubeconfig();
  return running !== undefined;
}

/** Also when somebody else ends it at the same time: whatever is gone already is what we want. */
export async function stopRunning(cluster: Cluster): Promise<void> {
  const use = await findSlot(cluster.where.top);
  if (!use) return;
  for (const inner of childrenOf(cluster.init.pid)) signalProcess(inner, "SIGTERM");
  await waitFor("the node's end", async () => !isRunning(use.init), { timeout: 5_000 }).catch(() => undefined);
  await closeSlot(use);
}
