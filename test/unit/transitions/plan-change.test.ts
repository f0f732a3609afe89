import assert from "node:assert/strict";
import { judgeStep } from "../../../rollout/transitions/may-step.ts";
import type { RolloutPhase } from "../../../rollout/transitions/model.ts";
import { nextSpec } from "../../../rollout/transitions/next-spec.ts";
import { keptPasses, landingChanges } from "../../../rollout/transitions/plan-change.ts";
import { aborted, desired, facts, ladder, live, phase, settled } from "./fixture.ts";

const changed = (name: string, over: Partial<RolloutPhase>) =>
  ladder.map((one) => (one.name === name ? { ...one, ...over } : one));
const atFive = live(desired({ phase: "canary-5" }), { passedToo: ["canary-5"] });
const with2 = (phases: readonly RolloutPhase[], over = {}) =>
  desired({ phase: "canary-5", planDigest: "p2", phases, ...over });

describe("a new plan version while a rollout is under way", () => {
  it("is taken up in place when it only watches longer, or goes on further", () => {
    const longer = changed("half", { soakSeconds: 90 });
    const { spec, notes } = nextSpec(atFive, with2(longer), undefined);
    assert.deepEqual([spec.planDigest, spec.step, notes], ["p2", 2, []]);
    assert.deepEqual(judgeStep(atFive, spec, facts()).reasons, []);
    assert.deepEqual(keptPasses(atFive, spec), atFive.status.passed);
    assert.equal(nextSpec(atFive, with2([...ladder, phase("month", 100)]), undefined).spec.planDigest, "p2");
  });

  it("takes the current phase's own pass when that phase now takes longer", () => {
    const { spec } = nextSpec(atFive, with2(changed("canary-5", { soakSeconds: 90 })), undefined);
    assert.deepEqual(
      keptPasses(atFive, spec).map((pass) => pass.phase),
      ["prep", "shadow"],
    );
  });

  it("waits for the next landing when it changes what was promised, and says so", () => {
    for (const phases of [
      ladder.filter(({ name }) => name !== "half"),
      changed("half", { soakSeconds: 1 }),
      changed("half", { exposure: { all: 60 } }),
      changed("half", { percent: 60 }),
      changed("half", { digest: "half-2" }),
      [...ladder.slice(0, 2), phase("new", 1), ...ladder.slice(2)],
      ladder.toReversed(),
    ]) {
      const { spec, notes } = nextSpec(atFive, with2(phases), undefined);
      assert.deepEqual(spec, atFive.spec);
      assert.match(notes.join(), /wdbx: the new plan version would change .* waits for the next landing/);
      assert.notDeepEqual(landingChanges(atFive.spec, phases), []);
      const forced = { ...with2(phases), attempt: 1, step: 2 };
      assert.deepEqual(
        judgeStep(atFive, forced, facts()).reasons.map(({ rule }) => rule),
        ["plan-in-place"],
      );
    }
  });

  it("never blocks a step up or down: that one keeps the plan it started with", () => {
    for (const target of ["half", "prep"]) {
      const { spec, notes } = nextSpec(
        atFive,
        with2(changed("half", { soakSeconds: 90 }), { phase: target }),
        undefined,
      );
      assert.deepEqual([spec.planDigest, spec.phases], ["p1", ladder]);
      assert.deepEqual(judgeStep(atFive, spec, facts()).reasons, []);
      assert.match(notes.join(), /stands still for one `up`/);
    }
  });

  it("comes with a landing, whatever it changes", () => {
    const phases = [phase("start", 0), phase("all", 100)];
    const landing = desired({ artifact: "C", phase: "start", planDigest: "p2", phases });
    const { spec } = nextSpec(live(settled()), landing, undefined);
    assert.deepEqual(spec.phases, phases);
    assert.deepEqual(judgeStep(live(settled()), spec, facts()).reasons, []);
  });
});

describe("passes", () => {
  const high = live(desired({ phase: "full" }), { passedToo: ["full"] });
  it("fall with a step down, at and above where it lands", () => {
    const { spec } = nextSpec(high, desired({ phase: "canary-5" }), undefined);
    assert.deepEqual(
      keptPasses(high, spec).map((pass) => pass.phase),
      ["prep", "shadow"],
    );
  });
  it("stay with a step up and with a settle", () => {
    const { spec } = nextSpec(high, desired({ phase: "watch" }), undefined);
    assert.deepEqual(keptPasses(high, spec), high.status.passed);
    assert.deepEqual(keptPasses(high, nextSpec(high, settled("B"), undefined).spec), high.status.passed);
  });
  it("end with a landing", () => {
    const bottom = live(desired(), { passedToo: ["prep"] });
    assert.deepEqual(keptPasses(bottom, nextSpec(bottom, desired({ retry: 1 }), undefined).spec), []);
  });
});

describe("after an abort", () => {
  const half = desired({ phase: "half" });
  const notes = (status: object, wish = half) => nextSpec(live(half, status), wish, undefined).notes.join();
  it("the program says that what was drained stays drained", () => {
    assert.equal(
      notes({ aborted: aborted() }),
      "wdbx: the config says 50 %, but attempt 1 was aborted by errors (5 % failed) and stays at 0 %; " +
        "go down to prep, or land again",
    );
    assert.match(notes({ aborted: aborted(5) }), /stays at the previous phase/);
  });
  it("it says nothing where the config follows, lands again, or never was aborted", () => {
    assert.equal(notes({}), "");
    assert.equal(notes({ aborted: aborted() }, desired()), "");
    assert.equal(notes({ aborted: aborted() }, desired({ retry: 1 })), "");
    assert.equal(notes({ aborted: { ...aborted(), attempt: 0 } }), "");
  });
});
