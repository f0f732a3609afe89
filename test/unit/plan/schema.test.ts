import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { Criterion, Phase, Plan } from "../../../rollout/plan/model.ts";
import { planSchema } from "../../../rollout/plan/schema.ts";
import { batchPatches } from "../../../stacks/systems/batch-patches/plan.ts";
import { dwcpManager } from "../../../stacks/systems/dwcp-manager/plan.ts";
import { wdbx } from "../../../stacks/systems/wdbx/plan.ts";

/** What the schema has against a plan. */
function complaints(plan: object): string {
  const result = planSchema.safeParse(plan);
  return result.success
    ? ""
    : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("\n");
}

function withPhase(plan: Plan, name: string, change: object): object {
  const { production } = plan.ladders;
  const normal = production.normal.map((phase) => (phase.name === name ? { ...phase, ...change } : phase));
  return { ...plan, ladders: { ...plan.ladders, production: { ...production, normal } } };
}

const canary = wdbx.ladders.production.normal[1]!;
const changed = (change: object) => ({ criteria: [{ ...canary.criteria[0], ...change } as Criterion] });
const ended = (change: object) => ({ triggers: [{ ...canary.triggers[0], ...change }] });

const cases: [name: string, plan: object, complaint: RegExp][] = [
  [
    "a ladder that doesn't begin at 0 %",
    withPhase(wdbx, "infrastructure", { percent: 5 }),
    /starts with a phase at 0 %/,
  ],
  ["a ladder that doesn't end at 100 %", withPhase(wdbx, "full", { percent: 90 }), /has to be 100 in the last phase/],
  ["a percent that falls", withPhase(wdbx, "canary-25", { percent: 60 }), /falls from 60 to 50; a ladder only climbs/],
  ["two phases of one name", withPhase(wdbx, "canary-25", { name: "canary-5" }), /canary-5 is the name of more than/],
  [
    "two criteria of one name",
    withPhase(wdbx, "canary-5", { criteria: [canary.criteria[0], canary.criteria[0]] }),
    /more than a criterion/,
  ],
  [
    "a segment that gets less later",
    withPhase(dwcpManager, "progressive-25", {
      exposure: { internal: 100, beta: 90, premium: 25, enterprise: 5, standard: 25 },
    }),
    /beta: a segment gets less in a later phase/,
  ],
  [
    "a segment forgotten",
    withPhase(dwcpManager, "canary-5", { exposure: { standard: 5 } }),
    /has to name every segment once/,
  ],
  [
    "a segment exposed at 0 %",
    withPhase(dwcpManager, "shadow", { exposure: { internal: 1, beta: 0, premium: 0, enterprise: 0, standard: 0 } }),
    /although the phase is at 0 %/,
  ],
  [
    "more customers than the blast radius allows",
    withPhase(dwcpManager, "canary-5", {
      exposure: { internal: 100, beta: 100, premium: 25, enterprise: 5, standard: 25 },
    }),
    /canary-5 reaches \d+\.\d % of customers; at most 10 %/,
  ],
  [
    "a window longer than its phase",
    withPhase(wdbx, "canary-5", changed({ window: "3d" })),
    /3d is longer than the phase lasts/,
  ],
  [
    "a criterion out of nowhere",
    withPhase(wdbx, "canary-5", changed({ proposed: undefined, decision: undefined, requirements: undefined })),
    /needs either requirement ids, or/,
  ],
  [
    "a proposal without its decision",
    withPhase(wdbx, "canary-5", changed({ decision: undefined })),
    /needs either requirement ids, or/,
  ],
  ["a metric that nobody knows", withPhase(wdbx, "canary-5", changed({ metric: "luck" })), /criteria\.0\.metric/],
  [
    "a statistic that isn't the metric's",
    withPhase(wdbx, "canary-5", changed({ statistic: "count" })),
    /throughput is judged as mean/,
  ],
  [
    "zero tolerance of a ratio",
    withPhase(wdbx, "canary-5", changed({ zeroTolerance: true })),
    /zero tolerance is for counts/,
  ],
  [
    "a comparison that each segment has to keep",
    withPhase(wdbx, "canary-5", changed({ bySegment: true, against: { of: "stable", as: "ratio" } })),
    /only a limit on error-ratio or success-ratio can be kept by each segment/,
  ],
  [
    "a segment's own limit on what the proxy doesn't count",
    withPhase(wdbx, "canary-5", changed({ bySegment: true, metric: "latency-p95", statistic: "quantile" })),
    /only a limit on error-ratio or success-ratio can be kept by each segment/,
  ],
  [
    "a baseline that lies ahead",
    withPhase(wdbx, "canary-5", changed({ against: { of: "phase:full", as: "ratio" } })),
    /full is not an earlier phase/,
  ],
  [
    "a way back from the first phase to the one before",
    withPhase(wdbx, "infrastructure", ended({ action: "previous-phase" })),
    /no phase with less exposure comes right before/,
  ],
  ["a trigger without a duration", withPhase(wdbx, "canary-5", ended({ for: undefined })), /triggers\.0/],
  ["a mirror beside live users", withPhase(wdbx, "canary-5", { mirror: true }), /only a phase at 0 % may mirror/],
  [
    "nodes without cohort rules",
    withPhase(wdbx, "canary-5", { nodes: { criticality: ["low"], peakTraffic: false } }),
    /has no cohort rules/,
  ],
  ["a window that the plan doesn't have", withPhase(wdbx, "canary-5", { inWindow: true }), /but the plan has none/],
  [
    "a way back to a phase that exposes as much",
    withPhase(batchPatches, "watch", {
      triggers: [{ ...batchPatches.ladders.production.normal.at(-1)!.triggers[0]!, action: "previous-phase" }],
    }),
    /no phase with less exposure comes right before/,
  ],
  [
    "load that outlasts its phase",
    withPhase(wdbx, "canary-5", { load: { duration: "3d", connections: 1, requirements: ["S0-18"] } }),
    /3d is longer than the phase lasts/,
  ],
  [
    "a slot that ends before it begins",
    withPhase(wdbx, "canary-5", { slot: { fromDay: 3, toDay: 2 } }),
    /before it begins/,
  ],
  ["a phase of the other environment", withPhase(wdbx, "canary-5", { environment: "staging" }), /has to be production/],
  ["a duration in words", withPhase(wdbx, "canary-5", { minDuration: "two days" }), /a whole number and s, m, h or d/],
  ["a key that nobody knows", withPhase(wdbx, "canary-5", { colour: "green" }), /colour/],
  [
    "a role that nobody has",
    withPhase(wdbx, "canary-5", { approvals: [{ anyOf: ["wizard"], requirements: ["S0-118"] }] }),
    /approvals\.0\.anyOf/,
  ],
  [
    "a system that needs itself",
    { ...wdbx, dependencies: [{ system: "wdbx", kind: "never-above", requirements: ["S0-01"] }] },
    /can't depend on itself/,
  ],
  [
    "a system that isn't one",
    { ...wdbx, dependencies: [{ system: "mars", kind: "never-above", requirements: ["S0-01"] }] },
    /dependencies\.0/,
  ],
  [
    "a way back that takes longer than it may",
    { ...dwcpManager, rollback: { ...dwcpManager.rollback, total: "119s" } },
    /all done after 120 s, 1 s more than the 119 s allowed/,
  ],
  [
    "segments that aren't everybody",
    { ...wdbx, segments: [{ ...wdbx.segments[0]!, share: 99 }] },
    /shares add up to 99/,
  ],
  [
    "a ring of nobody",
    { ...wdbx, rings: [{ name: "one", segments: ["nobody"], requirements: ["S1-085"] }] },
    /nobody: no such segment/,
  ],
];

describe("plan schema", () => {
  it("has nothing against a right plan", () => {
    assert.equal(complaints(wdbx), "");
    assert.equal(complaints(dwcpManager), "");
  });

  for (const [name, plan, complaint] of cases) {
    it(`refuses ${name}`, () => assert.match(complaints(plan), complaint));
  }

  it("lets several phases share a percent", () => {
    const shared = dwcpManager.ladders.production.normal.filter(({ percent }: Phase) => percent === 0);
    assert.equal(shared.length, 2);
  });
});
