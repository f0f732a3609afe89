import { criterion, from } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";
import { common } from "../dwcp/common.ts";
import { joined, objectivesOf } from "../dwcp/joined.ts";

const shared = common("DwcpProbft");

const own = [
  criterion("byzantine-tolerance", "byzantine-tolerance", ">=", 0.33, from("S1-122")),
  criterion("consensus-time", "consensus-time", "<", 2000, from("S1-123")),
];

/** DWCP ProBFT consensus: joins at 50 %. The weight routes clients; the two validator sets stay whole. */
export const dwcpProbft: Plan = {
  ...shared,
  ...joined({ reach: 50, own, joins: "S1-018", after: { system: "dwcp-compression", percent: 25 }, validators: true }),
  system: "dwcp-probft",
  title: "DWCP ProBFT Consensus",
  risk: "medium",
  ...from("S1-009"),
  objectives: [...shared.objectives, ...objectivesOf(own)],
  baselines: [
    { metric: "byzantine-tolerance", value: 0.33, ...from("S1-009", "S1-122") },
    { metric: "consensus-time", value: 1800, ...from("S1-123") },
  ],
  risks: [
    { what: "Byzantine validators", level: "medium", answer: "Byzantine testing at 50 %", ...from("S1-036") },
    ...shared.risks,
  ],
  dashboards: [
    ...shared.dashboards,
    { title: "Consensus Performance", shows: "ProBFT, Bullshark and T-PBFT side by side", ...from("S1-045") },
  ],
};
