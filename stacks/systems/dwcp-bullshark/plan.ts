import { criterion, from } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";
import { common } from "../dwcp/common.ts";
import { joined, objectivesOf } from "../dwcp/joined.ts";

const shared = common("DwcpBullshark");

const own = [
  criterion("committed-transactions", "committed-transactions", ">=", 300_000, from("S1-124")),
  criterion("confirmation-latency", "confirmation-latency", "<", 1000, from("S1-125")),
];

/** DWCP Bullshark consensus: joins at 75 %. The weight routes clients; the two validator sets stay whole. */
export const dwcpBullshark: Plan = {
  ...shared,
  ...joined({ reach: 75, own, joins: "S1-019", after: { system: "dwcp-probft", percent: 50 }, validators: true }),
  system: "dwcp-bullshark",
  title: "DWCP Bullshark Consensus",
  risk: "medium",
  ...from("S1-010"),
  objectives: [...shared.objectives, ...objectivesOf(own)],
  baselines: [
    { metric: "committed-transactions", value: 326_000, ...from("S1-010", "S1-124") },
    { metric: "confirmation-latency", value: 950, ...from("S1-125") },
  ],
  risks: [
    { what: "throughput", level: "medium", answer: "throughput validation at 75 % is critical", ...from("S1-036") },
    ...shared.risks,
  ],
  dashboards: [
    ...shared.dashboards,
    { title: "Consensus Performance", shows: "ProBFT, Bullshark and T-PBFT side by side", ...from("S1-045") },
  ],
};
