import { criterion, from } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";
import { common } from "../dwcp/common.ts";
import { joined, objectivesOf } from "../dwcp/joined.ts";

const shared = common("DwcpTpbft");

const own = [
  criterion("improvement", "performance-improvement", ">=", 0.26, from("S1-126")),
  criterion("message-reduction", "message-reduction", ">=", 0.4, from("S1-127")),
];

/** DWCP T-PBFT consensus: joins at 90 %. The weight routes clients; the two validator sets stay whole. */
export const dwcpTpbft: Plan = {
  ...shared,
  ...joined({ reach: 90, own, joins: "S1-020", after: { system: "dwcp-bullshark", percent: 75 }, validators: true }),
  system: "dwcp-tpbft",
  title: "DWCP T-PBFT Consensus",
  risk: "medium",
  ...from("S1-011"),
  objectives: [...shared.objectives, ...objectivesOf(own)],
  baselines: [
    { metric: "performance-improvement", value: 0.263, ...from("S1-011", "S1-126") },
    { metric: "message-reduction", value: 0.41, ...from("S1-127") },
  ],
  risks: [
    { what: "the trust mechanism", level: "medium", answer: "watched more closely than the rest", ...from("S1-036") },
    ...shared.risks,
  ],
  dashboards: [
    ...shared.dashboards,
    { title: "Consensus Performance", shows: "ProBFT, Bullshark and T-PBFT side by side", ...from("S1-045") },
  ],
};
