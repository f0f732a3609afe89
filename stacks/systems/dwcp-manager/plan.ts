import { criterion, from, ladder, objective, proposed, signedBy } from "../../../rollout/plan/builders.ts";
import type { Need, Plan, RequirementId } from "../../../rollout/plan/model.ts";
import { common } from "../dwcp/common.ts";
import * as dwcp from "../dwcp/criteria.ts";
import { calendar } from "../dwcp/joining.ts";
import { expedited, expeditedStaging, plainStaging } from "../ladders.ts";
import { bySegment, exposureAt, rings, segments } from "./segments.ts";

const shared = common("DwcpManager");

const own = [
  criterion("health-checks", "health-check-ratio", ">=", 0.999, from("S1-118")),
  criterion("recovery", "recovery-time", "<", 500, from("S1-119")),
];
const measured = { criteria: [...dwcp.criteria, ...own], triggers: dwcp.triggers };
const inSegments = bySegment(measured);
const atFull = bySegment({ criteria: [...dwcp.criteriaAtFull, ...own], triggers: dwcp.triggersAtFull });
const checked: readonly Need[] = [{ need: "readiness", ...proposed("X-91") }];
const reviewed = signedBy(proposed("X-38"), "sre", "engineering-lead");

const progressive = (percent: 25 | 50 | 75 | 90, toDay: number, ...requirements: RequirementId[]) => ({
  name: `progressive-${percent}`,
  title: `Progressive, ${percent} %`,
  percent,
  exposure: exposureAt[percent],
  minDuration: "7d" as const,
  slot: { fromDay: calendar[percent], toDay },
  ...inSegments,
  requires: checked,
  approvals: reviewed,
  ...proposed("X-88", ...requirements),
});

/** DWCP Manager, first of the six: shadow, then 5 to 100 % of users in twelve weeks; the others follow it. */
export const dwcpManager: Plan = {
  ...shared,
  system: "dwcp-manager",
  title: "DWCP Manager",
  risk: "low",
  adapter: { kind: "http-weight", ...from("S1-110") },
  ...from("S1-001", "S1-004", "S1-007"),
  ladders: {
    staging: {
      normal: plainStaging(measured.criteria, measured.triggers),
      expedited: expeditedStaging(measured.criteria, measured.triggers),
    },
    production: {
      normal: ladder("production", [
        {
          name: "prep",
          title: "Pre-rollout preparation",
          percent: 0,
          exposure: exposureAt[0],
          minDuration: "14d",
          slot: { fromDay: -14, toDay: 0 },
          requires: [
            { need: "readiness", ...from("S1-134") },
            { need: "staging-pass", ...from("S1-142") },
          ],
          approvals: reviewed,
          ...from("S1-014"),
        },
        {
          name: "shadow",
          title: "Shadow mode",
          percent: 0,
          exposure: exposureAt[0],
          mirror: true,
          minDuration: "7d",
          slot: { fromDay: 0, toDay: 14 },
          ...measured,
          requires: checked,
          approvals: reviewed,
          ...from("S1-015", "S1-068", "S1-109", "S1-149"),
        },
        {
          name: "canary-5",
          title: "Canary, first real users",
          percent: 5,
          exposure: exposureAt[5],
          minDuration: "4d",
          slot: { fromDay: calendar[5], toDay: 28 },
          ...inSegments,
          requires: checked,
          approvals: reviewed,
          ...from("S1-016", "S1-072", "S1-111"),
        },
        progressive(25, 42, "S1-017", "S1-073"),
        progressive(50, 56, "S1-018", "S1-074"),
        progressive(75, 70, "S1-019"),
        progressive(90, 84, "S1-020"),
        {
          name: "full",
          title: "Full production cutover",
          percent: 100,
          exposure: exposureAt[100],
          minDuration: "7d",
          slot: { fromDay: calendar[100] },
          ...atFull,
          requires: checked,
          ...proposed("X-92", "S1-021", "S1-075"),
        },
      ]),
      expedited: expedited([5, 50, 100], inSegments, ["sre", "engineering-lead"], (percent) => ({
        exposure: exposureAt[percent as keyof typeof exposureAt],
      })),
    },
  },
  segments,
  rings,
  blastRadius: { percent: 10, phases: ["canary-5"], ...from("S1-005") },
  dependencies: [],
  objectives: [
    ...shared.objectives,
    objective("test-coverage", "test-coverage", ">=", 0.96, from("S1-117")),
    objective("health-checks", "health-check-ratio", ">=", 0.999, from("S1-118")),
    objective("recovery", "recovery-time", "<", 500, from("S1-119")),
  ],
  baselines: [
    { metric: "test-coverage", value: 0.962, ...from("S1-007", "S1-117") },
    { metric: "health-check-ratio", value: 0.9995, ...from("S1-118") },
    { metric: "recovery-time", value: 387, ...from("S1-119") },
    { metric: "error-ratio", value: 0.0008, ...from("S1-131") },
    { metric: "uptime", value: 0.9995, ...from("S1-132") },
    { metric: "cost", value: 0.82, note: "18 % less", ...from("S1-130") },
  ],
  capacity: {
    reservePercent: 10,
    stable: { replicas: 3, ...proposed("X-93") },
    canary: { replicas: 2, ...proposed("X-93") },
    ...proposed("X-93"),
  },
  risks: [
    { what: "the manager itself", level: "low", answer: "proven in testing, 96.2 % covered", ...from("S1-036") },
    ...shared.risks,
  ],
  dashboards: [
    ...shared.dashboards,
    { title: "DWCP Manager Monitoring", shows: "health, recovery, circuit breakers, resources", ...from("S1-044") },
  ],
};
