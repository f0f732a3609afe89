import assert from "node:assert/strict";
import { decideStep } from "../../../rollout/transitions/decide-step.ts";
import { aborted, desired, facts, live, settled } from "./fixture.ts";

describe("what an update does about a system", () => {
  const atFive = (status = {}) => live(desired({ phase: "canary-5" }), { passedToo: ["canary-5"], ...status });

  it("is the wish, where it may be", () => {
    const { spec, kind, reasons } = decideStep(atFive(), desired({ phase: "half" }), facts());
    assert.deepEqual(
      { kind, reasons, phase: spec?.phase, step: spec?.step },
      { kind: "advance", reasons: [], phase: "half", step: 2 },
    );
  });

  it("is nothing, with every reason, where it may not be", () => {
    const old = atFive({ passed: [], onTarget: false });
    const { spec, kind, tried, reasons } = decideStep(old, desired({ phase: "half" }), facts());
    assert.deepEqual([spec, kind], [old.spec, "unchanged"]);
    assert.match(tried, /advance from canary-5 \(5 %\) to half \(50 %\)/);
    assert.deepEqual(
      reasons.map(({ rule }) => rule),
      ["on-target", "passed"],
    );
  });

  it("deploys nothing at all where a system that isn't there may not come like this", () => {
    const { spec, reasons } = decideStep(undefined, desired({ phase: "half" }), facts());
    assert.equal(spec, undefined);
    assert.deepEqual(
      reasons.map(({ rule }) => rule),
      ["create-place"],
    );
  });

  it("isn't even tried upwards after an abort, and is no failure, because the config is the last to know", () => {
    const old = atFive({ aborted: aborted() });
    for (const phase of ["canary-5", "half"]) {
      const { spec, kind, reasons, notes } = decideStep(old, desired({ phase }), facts());
      assert.deepEqual([spec, kind, reasons], [old.spec, "unchanged", []]);
      assert.match(
        notes.join(),
        /the config says \d+ %, but attempt 1 was aborted by errors \(5 % failed\) and stays at 0 %/,
      );
    }
    assert.equal(decideStep(old, desired(), facts()).kind, "down");
  });

  it("keeps the pods that run while a rollout is under way or settled, and says so", () => {
    for (const old of [atFive(), live(settled())]) {
      const { spec, kind, reasons, notes } = decideStep(old, { ...old.spec, revision: "r2" }, facts());
      assert.deepEqual([spec, kind, reasons], [old.spec, "unchanged", []]);
      assert.match(notes.join(), /other pods than those that run \(r1 → r2\)/);
    }
  });

  it("takes other pods as a landing at the first phase, and with a new artifact", () => {
    assert.equal(decideStep(live(desired()), desired({ revision: "r2" }), facts()).kind, "landing");
    const next = desired({ artifact: "C", revision: "r2" });
    assert.equal(decideStep(live(settled()), next, facts()).spec?.revision, "r2");
  });

  it("settles nothing but the pods that have passed", () => {
    const last = live(desired({ phase: "watch" }), { passedToo: ["watch"] });
    const wish = settled("B", { revision: "r2" });
    assert.deepEqual(
      decideStep(last, wish, facts()).reasons.map(({ rule }) => rule),
      ["one-thing-at-a-time"],
    );
    assert.equal(decideStep(last, settled("B"), facts()).kind, "settle");
  });

  it("keeps the way down while a rollout is under way, and takes a new one with the next landing", () => {
    const way = (target: string) => [{ name: "out", kind: "patch" as const, to: "zero" as const, target }];
    const old = live(desired({ phase: "canary-5", drain: way("old") }), { passedToo: ["canary-5"] });
    const wish = desired({ phase: "half", drain: way("new") });
    assert.deepEqual(decideStep(old, wish, facts()).spec?.drain, way("old"));
    const retried = decideStep(live(desired({ drain: way("old") })), desired({ retry: 1, drain: way("new") }), facts());
    assert.deepEqual(retried.spec?.drain, way("new"));
  });
});
