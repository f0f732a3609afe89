import { criterion, from } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";
import { common } from "../dwcp/common.ts";
import { joined, objectivesOf } from "../dwcp/joined.ts";

const shared = common("DwcpCompression");

const own = [
  criterion("accuracy", "compression-accuracy", ">=", 0.995, from("S1-120")),
  criterion("overhead", "compression-overhead", "<=", 0.05, from("S1-121")),
];

/** DWCP Compression Selector: joins the manager at 25 %. */
export const dwcpCompression: Plan = {
  ...shared,
  ...joined({ reach: 25, own, joins: "S1-017", after: { system: "dwcp-manager", percent: 5 }, validators: false }),
  system: "dwcp-compression",
  title: "DWCP Compression Selector",
  risk: "low",
  ...from("S1-008"),
  objectives: [...shared.objectives, ...objectivesOf(own)],
  baselines: [
    { metric: "compression-accuracy", value: 0.9965, ...from("S1-008", "S1-120") },
    { metric: "compression-overhead", value: 0.048, ...from("S1-121") },
  ],
  risks: [
    {
      what: "the selector itself",
      level: "low",
      answer: "99.65 % accurate, not on the critical path",
      ...from("S1-036"),
    },
    ...shared.risks,
  ],
};
