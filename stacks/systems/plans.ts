import type { Plan } from "../../rollout/plan/model.ts";
import { batchPatches } from "./batch-patches/plan.ts";
import { distributedPostgres } from "./distributed-postgres/plan.ts";
import { dwcpBullshark } from "./dwcp-bullshark/plan.ts";
import { dwcpCompression } from "./dwcp-compression/plan.ts";
import { dwcpMaddpg } from "./dwcp-maddpg/plan.ts";
import { dwcpManager } from "./dwcp-manager/plan.ts";
import { dwcpProbft } from "./dwcp-probft/plan.ts";
import { dwcpTpbft } from "./dwcp-tpbft/plan.ts";
import { dwcpV3 } from "./dwcp-v3/plan.ts";
import { wdbx } from "./wdbx/plan.ts";

/** All ten, those that are needed before those that need them. */
export const plans: readonly Plan[] = [
  wdbx,
  dwcpManager,
  dwcpCompression,
  dwcpProbft,
  dwcpBullshark,
  dwcpTpbft,
  dwcpMaddpg,
  batchPatches,
  distributedPostgres,
  dwcpV3,
];
