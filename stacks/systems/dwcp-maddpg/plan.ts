import { criterion, from, none } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";
import { common } from "../dwcp/common.ts";
import { joined, objectivesOf } from "../dwcp/joined.ts";

const shared = common("DwcpMaddpg");

const own = [
  criterion("efficiency", "efficiency-improvement", ">=", 0.284, from("S1-128")),
  none("starvation", "resource-starvations", from("S1-129")),
];

/** DWCP MADDPG resource allocator: joins at 90 %, easy to fall back from. */
export const dwcpMaddpg: Plan = {
  ...shared,
  ...joined({ reach: 90, own, joins: "S1-020", after: { system: "dwcp-bullshark", percent: 75 }, validators: false }),
  system: "dwcp-maddpg",
  title: "DWCP MADDPG Allocator",
  risk: "low-medium",
  ...from("S1-012"),
  objectives: [...shared.objectives, ...objectivesOf(own)],
  baselines: [
    { metric: "efficiency-improvement", value: 0.284, ...from("S1-012", "S1-128") },
    { metric: "resource-starvations", value: 0, ...from("S1-129") },
  ],
  risks: [
    { what: "allocation of resources", level: "low-medium", answer: "easy to fall back from", ...from("S1-036") },
    ...shared.risks,
  ],
  dashboards: [
    ...shared.dashboards,
    { title: "Resource Allocation (MADDPG)", shows: "efficiency, performance of the learned model", ...from("S1-046") },
  ],
};
