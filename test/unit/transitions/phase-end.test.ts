import assert from "node:assert/strict";
import { reasonsAgainstPass } from "../../../rollout/transitions/phase-end.ts";
import { restorePasses } from "../../../rollout/transitions/restore.ts";
import { aborted, desired, live, settled } from "./fixture.ts";

describe("the end of a phase", () => {
  const watch = { verdict: "Passed" as const, soakedSeconds: 60, missingEvidence: [] };
  const rules = (...args: Parameters<typeof reasonsAgainstPass>) => reasonsAgainstPass(...args).map(({ rule }) => rule);
  it("comes with verdict, soak and evidence", () => {
    assert.deepEqual(rules(live(desired()), watch), []);
    assert.deepEqual(rules(live(desired()), { ...watch, soakedSeconds: 59 }), ["soak"]);
    assert.deepEqual(rules(live(desired({ extendSeconds: 1 })), watch), ["soak"]);
    assert.deepEqual(rules(live(desired()), { ...watch, missingEvidence: ["WDBX-001"] }), ["evidence"]);
  });
  it("never comes without data", () => {
    for (const verdict of ["Inconclusive", "Error", "Running", "Failed"] as const) {
      assert.deepEqual(rules(live(desired()), { ...watch, verdict }), ["verdict"]);
    }
  });
  it("never comes while held, aborted, unseen or off target", () => {
    assert.deepEqual(rules(live(desired({ hold: true })), watch), ["held"]);
    assert.deepEqual(rules(live(desired(), { aborted: aborted() }), watch), ["aborted"]);
    assert.deepEqual(rules(live(desired(), { observedStep: 0, onTarget: false }), watch), ["observed", "on-target"]);
  });
  it("doesn't exist for a settled system", () => assert.deepEqual(rules(live(settled()), watch), ["in-phase"]));
});

describe("restoring a rebuilt cluster", () => {
  const head = { artifact: "B", revision: "r1", passed: ["prep", "shadow"], aborted: undefined };
  const fresh = live(desired(), { passed: [] });
  it("gives the passes back, in the new attempt", () => {
    assert.deepEqual(restorePasses(fresh, head).passed, [
      { phase: "prep", revision: "r1", attempt: 1 },
      { phase: "shadow", revision: "r1", attempt: 1 },
    ]);
  });
  it("stops at the first gap", () => {
    const { passed } = restorePasses(fresh, { ...head, passed: ["prep", "canary-5"] });
    assert.deepEqual(
      passed.map(({ phase }) => phase),
      ["prep"],
    );
  });
  it("gives nothing to another rollout, after an abort, or over an existing history", () => {
    for (const [from, chain, rule] of [
      [fresh, { ...head, artifact: "C" }, "same-rollout"],
      [fresh, { ...head, aborted: { at: 0, reason: "errors" } }, "not-aborted"],
      [live(desired(), { passedToo: ["prep"] }), head, "empty-status"],
      [live(desired(), { aborted: aborted() }), head, "empty-status"],
    ] as const) {
      const { passed, reasons } = restorePasses(from, chain);
      assert.deepEqual([passed, reasons.map((reason) => reason.rule)], [[], [rule]]);
    }
  });
});
