import assert from "node:assert/strict";
import { ladders, type SystemConfig } from "../../../rollout/config/model.ts";
import { cap, isWithin } from "../../../rollout/exposure/exposure.ts";
import { phasesOf } from "../../../rollout/plan/ladder.ts";
import { desiredRollout } from "../../../rollout/transitions/desired.ts";
import type { StepFacts } from "../../../rollout/transitions/facts.ts";
import { judgeStep } from "../../../rollout/transitions/may-step.ts";
import type { LiveRollout, SettledRecord } from "../../../rollout/transitions/model.ts";
import { nextSpec } from "../../../rollout/transitions/next-spec.ts";
import { keptPasses } from "../../../rollout/transitions/plan-change.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const config = (over: Partial<SystemConfig>): SystemConfig => ({
  stable: "A",
  artifact: "B",
  percent: 0,
  settled: false,
  phase: undefined,
  ladder: "normal",
  retry: 0,
  reason: undefined,
  hold: false,
  extendDays: 0,
  excludeNodes: [],
  expectedRps: undefined,
  decommission: false,
  ...over,
});
const stack = { environment: "production", scale: { time: 1, size: 1 } } as const;

/** One legal step, after which the analyzer has seen it and the phase has passed. */
function step(live: LiveRollout | undefined, next: Parameters<typeof nextSpec>[1], facts: StepFacts): LiveRollout {
  const { spec } = nextSpec(live, next, facts.record);
  const { tried, reasons } = judgeStep(live, spec, facts);
  assert.deepEqual(reasons, [], tried);
  const kept = live ? keptPasses(live, spec) : [];
  const own = spec.phase === undefined ? [] : [{ phase: spec.phase, revision: spec.revision, attempt: spec.attempt }];
  return { spec, status: { observedStep: spec.step, onTarget: true, passed: [...kept, ...own] } };
}

describe("every plan", () => {
  for (const plan of plans) {
    for (const environment of ["staging", "production"] as const) {
      for (const ladder of ladders) {
        const phases = phasesOf(plan, environment, ladder);
        if (phases.length === 0) continue;
        it(`can be walked from landing to settled: ${plan.system}, ${environment}, ${ladder}`, () => {
          const record: SettledRecord = { artifact: "A", attempt: 0 };
          const facts: StepFacts = { environment, stagingPassed: true, record, unmetNeeds: [] };
          const wish = (over: Partial<SystemConfig>) =>
            desiredRollout(plan, config({ ladder, ...over }), { ...stack, environment }, "r1");
          let live = step(undefined, wish({ artifact: "A", settled: true, percent: 100 }), facts);
          let before = {};
          for (const { name, percent } of phases) {
            live = step(live, wish({ phase: name, percent }), facts);
            const now = cap({ settled: false, phase: live.spec.phases.find((one) => one.name === name)!.exposure });
            assert.ok(isWithin(before, now), `${name} takes exposure away`);
            before = now;
          }
          live = step(live, wish({ stable: "B", settled: true, percent: 100 }), facts);
          assert.equal(live.spec.attempt, 2);
          assert.equal(live.spec.step, phases.length + 2);
        });
      }
    }
  }

  it("keeps a phase's digest when only its soak changes", () => {
    const plan = plans[0]!;
    const normal = plan.ladders.production.normal;
    const changed = (over: Partial<(typeof normal)[number]>) => {
      const phases = normal.map((phase) => ({ ...phase, ...over }) as typeof phase);
      const ladders = { ...plan.ladders, production: { normal: phases } };
      return desiredRollout({ ...plan, ladders }, config({}), stack, "r1").phases.map(({ digest }) => digest);
    };
    assert.deepEqual(changed({ minDuration: "99d" }), changed({}));
    assert.notDeepEqual(changed({ criteria: [] }), changed({}));
  });

  it("soaks shorter in a rehearsal, by its scale of time alone", () => {
    const plan = plans[0]!;
    const real = desiredRollout(plan, config({ extendDays: 1 }), stack, "r1");
    const fast = desiredRollout(
      plan,
      config({ extendDays: 1 }),
      { environment: "rehearsal", scale: { time: 60, size: 1 } },
      "r1",
    );
    assert.equal(fast.planDigest, real.planDigest);
    assert.equal(fast.extendSeconds, 1440);
    for (const [index, phase] of real.phases.entries()) {
      assert.deepEqual(fast.phases[index], { ...phase, soakSeconds: Math.ceil(phase.soakSeconds / 60) });
    }
  });
});
