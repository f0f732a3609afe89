import { stopSharedClusters } from "./clusters.ts";
import { closeProjects } from "./environment.ts";

/** All that this process has started for its tests or its figures. */
export async function stopAll(): Promise<void> {
  await Promise.all([stopSharedClusters(), closeProjects()]);
}

/** Whoever is told to end leaves nothing behind. */
export function onSignal(cleanUp: () => Promise<void>): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
}
