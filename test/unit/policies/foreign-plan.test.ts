import assert from "node:assert/strict";
import { readRolloutArgs } from "../../../rollout/guard/args.ts";
import { judgeRollout } from "../../../rollout/guard/judge.ts";
import { againstForeignPlan } from "../../../rollout/guard/plan.ts";
import type { Plan } from "../../../rollout/plan/model.ts";
import { dwcpManager } from "../../../stacks/systems/dwcp-manager/plan.ts";
import { component, liveAt, wishFor } from "../../policy/rollouts.ts";

const of = { system: "dwcp-manager" };
const told = (from: string, to: string) => component({ wish: wishFor(to, of), live: liveAt(wishFor(from, of)) }, of);
const said = (plan: Plan, from = "shadow", to = "canary-5"): string[] =>
  againstForeignPlan(judgeRollout(readRolloutArgs(told(from, to).props, [])), plan).map(({ because }) => because);

describe("a plan that breaks its own rules", () => {
  const { blastRadius } = dwcpManager;
  const tight: Plan = { ...dwcpManager, blastRadius: { ...blastRadius!, percent: 1 } };

  it("lets nothing rise: more customers than its blast radius are no step at all", () => {
    assert.deepEqual(said(dwcpManager), []);
    assert.match(said(tight).join(), /breaks its own rules: blastRadius: canary-5 reaches [\d.]+ % of customers/);
  });

  it("holds nobody back on the way down", () => assert.deepEqual(said(tight, "canary-5", "shadow"), []));
});
