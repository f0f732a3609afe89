import type { Plan } from "../../../rollout/plan/model.ts";
import { dwcpBullshark } from "../dwcp-bullshark/plan.ts";
import { dwcpCompression } from "../dwcp-compression/plan.ts";
import { dwcpMaddpg } from "../dwcp-maddpg/plan.ts";
import { dwcpProbft } from "../dwcp-probft/plan.ts";
import { dwcpTpbft } from "../dwcp-tpbft/plan.ts";
import { type HttpSystem, ports, small } from "../http-system.ts";

const settled = (plan: Plan): HttpSystem => ({
  plan,
  hostnames: [`${plan.system}.example.com`],
  pod: { env: { SYSTEM: plan.system }, resources: small, ports },
  replicas: { stable: 2, canary: 1 },
  isSettledOnly: true,
});

/** The five that follow the manager. Their validator sets have to stay whole, which weights alone can't do. */
export const followers: readonly HttpSystem[] = [dwcpCompression, dwcpProbft, dwcpBullshark, dwcpTpbft, dwcpMaddpg].map(
  settled,
);
