import assert from "node:assert/strict";
import { explainNext, judgeGoal, nextGoal, type Surroundings } from "../../../rollout/transitions/explain.ts";
import { aborted, desired, facts, live, settled } from "./fixture.ts";

const surroundings = (unmet: readonly string[] = []): Surroundings => {
  const { environment, stagingPassed, record } = facts();
  return { environment, stagingPassed, record, unmetNeeds: () => unmet };
};
const watched = { outcome: "Running", reason: "too few samples", seconds: 20 } as const;
const rules = (reasons: readonly { rule: string }[]): string[] => reasons.map(({ rule }) => rule);

describe("explaining the next step", () => {
  it("aims at the next phase, then at the settle, and at nothing after an abort", () => {
    assert.deepEqual(nextGoal(live(desired())), { phase: "shadow" });
    assert.equal(nextGoal(live(desired({ phase: "watch" }))), "settle");
    assert.equal(nextGoal(live(settled())), undefined);
    assert.equal(nextGoal(live(desired({ phase: "half" }), { aborted: aborted() })), undefined);
  });

  it("says nothing against a step that may be taken", () => {
    assert.deepEqual(explainNext(live(desired(), { passedToo: ["prep"] }), surroundings(), watched).reasons, []);
  });

  it("says how much of the soak is left and what the verdict lacks", () => {
    const { reasons } = explainNext(live(desired()), surroundings(), watched);
    assert.deepEqual(rules(reasons), ["passed", "soak", "verdict"]);
    assert.match(reasons[1]!.because, /^40 s of 1 min/);
    assert.equal(reasons[2]!.because, "the verdict is Running (too few samples)");
  });

  it("gives every reason at once", () => {
    const held = live(desired({ phase: "canary-5", hold: true }), { observedStep: 0, onTarget: false });
    const { reasons } = explainNext(held, surroundings(["wdbx at 50 % needs other"]), watched);
    assert.deepEqual(rules(reasons), ["held", "observed", "on-target", "passed", "soak", "verdict", "dependency"]);
  });

  it("asks for the needs of the place where the step would lead", () => {
    const asked: number[] = [];
    const unmetNeeds = (percent: number) => {
      asked.push(percent);
      return [];
    };
    judgeGoal(live(desired()), { phase: "half" }, { ...surroundings(), unmetNeeds }, watched);
    assert.deepEqual(asked, [50]);
  });

  it("speaks of the landing where nothing else is possible", () => {
    const after = explainNext(live(desired({ phase: "half" }), { aborted: aborted() }), surroundings(), watched);
    assert.match(after.tried, /landing of a mended artifact, or `retry` with a reason at prep/);
    assert.deepEqual(after.reasons, []);
    const calm = explainNext(live(settled()), surroundings(), watched);
    assert.match(calm.tried, /landing of the next artifact at prep/);
  });
});
