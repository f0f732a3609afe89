import { type ClusterRequest, defaultReadiness, defaultTimings } from "../../../rollout/postgres/settings.ts";

/** A request that nothing speaks against. */
export const good: ClusterRequest = {
  scope: "demo",
  namespace: "data",
  members: 3,
  dataMiB: 500,
  volumeMiB: 2048,
  memoryMiB: 384,
  cpuMillis: 100,
  timings: defaultTimings,
  readiness: defaultReadiness,
  postgresVersion: 17,
  hostAliases: [],
};
