import { batchPatches } from "./batch-patches.ts";
import { distributedPostgres } from "./distributed-postgres.ts";
import { dwcp } from "./dwcp.ts";
import { dwcpV3 } from "./dwcp-v3.ts";
import type { ReadinessItem } from "./model.ts";
import { wdbx } from "./wdbx.ts";

/** Every checklist item of the five seeds, once. */
export const readinessItems: readonly ReadinessItem[] = [
  ...wdbx,
  ...dwcp,
  ...batchPatches,
  ...distributedPostgres,
  ...dwcpV3,
];

/** What a system has to show before a phase can pass. */
export const itemsOf = (system: string, phase?: string): ReadinessItem[] =>
  readinessItems.filter(
    (item) => item.systems.some((one) => one === system) && (phase === undefined || item.phase === phase),
  );
