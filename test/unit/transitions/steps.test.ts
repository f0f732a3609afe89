import assert from "node:assert/strict";
import { judgeStep } from "../../../rollout/transitions/may-step.ts";
import { nextSpec } from "../../../rollout/transitions/next-spec.ts";
import { formatReason } from "../../../rollout/transitions/reason.ts";
import { aborted, desired, facts, ladder, live, settled, tryStep } from "./fixture.ts";

describe("going up", () => {
  const atFive = (status = {}) => live(desired({ phase: "canary-5" }), { passedToo: ["canary-5"], ...status });
  const up = desired({ phase: "half" });

  it("is one phase further once this one has passed", () => {
    assert.deepEqual(tryStep(atFive(), up), { kind: "advance", rules: [] });
  });
  it("waits for the pass of the current phase and of every one below", () => {
    assert.deepEqual(tryStep(live(desired({ phase: "canary-5" })), up).rules, ["passed"]);
    assert.deepEqual(tryStep(atFive({ passed: [{ phase: "canary-5", revision: "r1", attempt: 1 }] }), up).rules, [
      "passed",
    ]);
  });
  it("counts no pass of another attempt or revision", () => {
    const passesOf = (over: object) => ladder.map(({ name }) => ({ phase: name, revision: "r1", attempt: 1, ...over }));
    assert.deepEqual(tryStep(atFive({ passed: passesOf({}) }), up).rules, []);
    assert.deepEqual(tryStep(atFive({ passed: passesOf({ attempt: 2 }) }), up).rules, ["passed"]);
    assert.deepEqual(tryStep(atFive({ passed: passesOf({ revision: "r2" }) }), up).rules, ["passed"]);
  });
  it("skips no phase, also not one with the same percent", () => {
    assert.ok(tryStep(atFive(), desired({ phase: "full" })).rules.includes("one-phase-at-a-time"));
    const prep = live(desired(), { passedToo: ["prep"] });
    assert.ok(tryStep(prep, desired({ phase: "canary-5" })).rules.includes("one-phase-at-a-time"));
  });
  it("carries nothing else", () => {
    assert.deepEqual(tryStep(atFive(), { ...up, extendSeconds: 5 }).rules, ["one-thing-at-a-time"]);
  });
  it("waits while held, unobserved, off target, aborted or on its way out", () => {
    const held = live(desired({ phase: "canary-5", hold: true }), { passedToo: ["canary-5"] });
    assert.deepEqual(tryStep(held, { ...up, hold: true }).rules, ["held"]);
    assert.deepEqual(tryStep(atFive({ observedStep: 0 }), up).rules, ["observed"]);
    assert.deepEqual(tryStep(atFive({ onTarget: false }), up).rules, ["on-target"]);
    assert.deepEqual(tryStep(atFive({ aborted: aborted() }), up).rules, ["aborted"]);
    assert.deepEqual(tryStep(atFive({ aborted: { ...aborted(), attempt: 0 } }), up).rules, []);
    const leaving = live(desired({ decommission: true }), { passedToo: ["prep"] });
    assert.deepEqual(tryStep(leaving, desired({ phase: "shadow", decommission: true })).rules, ["decommission"]);
  });
  it("leaves 0 percent in production only after staging", () => {
    const shadow = live(desired({ phase: "shadow" }), { passedToo: ["shadow"] });
    const five = desired({ phase: "canary-5" });
    assert.deepEqual(tryStep(shadow, five, { stagingPassed: false }).rules, ["staging-first"]);
    assert.deepEqual(tryStep(shadow, five, { stagingPassed: false, environment: "staging" }).rules, []);
    assert.deepEqual(tryStep(atFive(), up, { stagingPassed: false }).rules, []);
  });
  it("waits for what it needs", () => {
    assert.deepEqual(tryStep(atFive(), up, { unmetNeeds: ["dwcp-manager is at 0 %"] }).rules, ["dependency"]);
  });
});

describe("going down", () => {
  const everythingWrong = live(desired({ phase: "full", hold: true, decommission: true }), {
    aborted: aborted(5),
    observedStep: -1,
    onTarget: false,
    passed: [],
  });
  it("is legal to every earlier phase, whatever is wrong", () => {
    for (const { name } of ladder.slice(0, 4)) {
      const to = desired({ phase: name, hold: true, decommission: true });
      const facts = { stagingPassed: false, unmetNeeds: ["x"], record: undefined };
      assert.deepEqual(tryStep(everythingWrong, to, facts), { kind: "down", rules: [] });
    }
  });
  it("may hold or extend, but carries no new image", () => {
    const half = live(desired({ phase: "half" }));
    assert.deepEqual(tryStep(half, desired({ phase: "prep", hold: true })).rules, []);
    assert.ok(tryStep(half, desired({ phase: "canary-5", artifact: "C" })).rules.includes("landing-start"));
    assert.deepEqual(tryStep(half, desired({ phase: "prep", decommission: true })).rules, ["one-thing-at-a-time"]);
  });
});

describe("a landing", () => {
  it("starts from settled, from the first phase, or after an abort on target", () => {
    const land = desired({ artifact: "C" });
    assert.deepEqual(tryStep(live(settled()), land), { kind: "landing", rules: [] });
    assert.deepEqual(tryStep(live(desired()), land).rules, []);
    assert.deepEqual(tryStep(live(desired({ phase: "half" }), { aborted: aborted(5) }), land).rules, []);
    assert.deepEqual(tryStep(live(desired({ phase: "half" })), land).rules, ["landing-start"]);
    const falling = live(desired({ phase: "half" }), { aborted: aborted(5), onTarget: false });
    assert.deepEqual(tryStep(falling, land).rules, ["on-target"]);
  });
  it("is at the first phase", () => {
    assert.deepEqual(tryStep(live(settled()), desired({ phase: "shadow" })).rules, ["landing-place"]);
    assert.deepEqual(tryStep(live(settled()), settled("A", { revision: "r2" })).rules, ["landing-place"]);
  });
  it("belongs to a new artifact, revision, retry or ladder, and grows the attempt", () => {
    for (const over of [{ artifact: "C" }, { revision: "r2" }, { retry: 1 }, { ladder: "expedited" }]) {
      const from = live(desired());
      assert.equal(nextSpec(from, desired(over), undefined).spec.attempt, 2);
      assert.deepEqual(tryStep(from, desired(over)), { kind: "landing", rules: [] });
    }
  });
  it("never counts a retry backwards", () => {
    assert.deepEqual(tryStep(live(desired({ retry: 2 })), desired({ retry: 1 })).rules, ["retry-grows"]);
    assert.deepEqual(tryStep(live(desired({ retry: 2 })), desired({ artifact: "C" })).rules, []);
  });
  it("waits for an unfinished settle", () => {
    const from = live(settled("B"));
    assert.deepEqual(tryStep(from, desired({ stable: "B", artifact: "C" })).rules, ["settle-finished"]);
  });
  it("may give the artifact up instead", () => {
    assert.deepEqual(tryStep(live(desired()), settled()), { kind: "withdraw", rules: [] });
    assert.deepEqual(tryStep(live(desired({ phase: "half" })), settled()).rules, ["landing-start"]);
  });
});

describe("a settle", () => {
  const watched = live(desired({ phase: "watch" }), { passedToo: ["watch"] });
  it("follows the last phase's pass", () => {
    assert.deepEqual(tryStep(watched, settled("B")), { kind: "settle", rules: [] });
    assert.deepEqual(tryStep(live(desired({ phase: "watch" })), settled("B")).rules, ["passed"]);
    const full = live(desired({ phase: "full" }), { passedToo: ["full", "watch"] });
    assert.deepEqual(tryStep(full, settled("B")).rules, ["last-phase"]);
  });
  it("is never to another artifact, nor a jump of stable", () => {
    assert.deepEqual(tryStep(watched, settled("C")), { kind: "unknown", rules: ["unknown-change"] });
    assert.deepEqual(tryStep(watched, desired({ stable: "C", phase: "watch" })).rules, ["unknown-change"]);
  });
  it("names no phase", () => {
    assert.deepEqual(tryStep(watched, settled("B", { phase: "watch" })).rules, ["settled-phase"]);
    assert.deepEqual(tryStep(undefined, settled("A", { phase: "prep" })).rules, ["settled-phase"]);
  });
  it("can be undone until it is finished", () => {
    const settling = live(settled("B"));
    const undo = desired({ phase: "watch" });
    assert.deepEqual(tryStep(settling, undo), { kind: "undo-settle", rules: [] });
    assert.deepEqual(tryStep(settling, undo, { record: { artifact: "B", attempt: 1 } }).rules, ["settle-unfinished"]);
    assert.deepEqual(tryStep(settling, desired({ phase: "half" })).rules, ["last-phase"]);
    assert.deepEqual(tryStep(settling, desired({ stable: "Z", phase: "watch" })).rules, ["previous-stable"]);
  });
});

describe("creating and removing", () => {
  it("creates at the first phase or settled, and counts on from the record", () => {
    assert.deepEqual(tryStep(undefined, desired()), { kind: "create", rules: [] });
    assert.deepEqual(tryStep(undefined, settled()), { kind: "create", rules: [] });
    assert.deepEqual(tryStep(undefined, desired({ phase: "half" })).rules, ["create-place"]);
    assert.equal(nextSpec(undefined, desired(), { artifact: "A", attempt: 7 }).spec.attempt, 8);
  });
  it("creates on top of what the record says", () => {
    assert.deepEqual(tryStep(undefined, settled("B")).rules, ["create-record"]);
    assert.deepEqual(tryStep(undefined, settled("B"), { record: undefined }).rules, []);
  });
  it("decommissions from the bottom or from settled, alone", () => {
    assert.deepEqual(tryStep(live(settled()), settled("A", { decommission: true })).rules, []);
    assert.deepEqual(tryStep(live(desired()), desired({ decommission: true })), { kind: "decommission", rules: [] });
    const half = desired({ phase: "half" });
    assert.deepEqual(tryStep(live(half), { ...half, decommission: true }).rules, ["decommission-start"]);
    assert.deepEqual(tryStep(live(settled()), settled("A", { decommission: true, hold: true })).rules, [
      "one-thing-at-a-time",
    ]);
  });
  it("removes only what is decommissioned and without traffic", () => {
    const rules = (from: ReturnType<typeof live>) =>
      judgeStep(from, undefined, facts()).reasons.map(({ rule }) => rule);
    assert.deepEqual(rules(live(settled("A", { decommission: true }))), []);
    assert.deepEqual(rules(live(settled())), ["decommission-first"]);
    assert.deepEqual(rules(live(settled("A", { decommission: true }), { onTarget: false })), ["on-target"]);
  });
});

describe("a refusal", () => {
  it("says what was tried, why not, what would help and who can", () => {
    const from = live(desired({ phase: "canary-5" }));
    const { spec } = nextSpec(from, desired({ phase: "half" }), undefined);
    const { tried, reasons } = judgeStep(from, spec, facts());
    assert.equal(
      formatReason(tried, reasons[0]!),
      "wdbx: advance from canary-5 (5 %) to half (50 %): canary-5 has not passed for this revision in attempt 1; " +
        "wait for the verdict; `rampart readiness` lists what is missing and who can supply it (the analyzer, by itself)",
    );
  });
  it("leaves the counting to the program", () => {
    const from = live(desired());
    const forged = { ...from.spec, hold: true, step: 9 };
    assert.deepEqual(
      judgeStep(from, forged, facts()).reasons.map(({ rule }) => rule),
      ["counters"],
    );
  });
  it("has no reason against a second identical `up`", () => {
    const from = live(desired({ phase: "half" }), { aborted: aborted(), observedStep: 0 });
    assert.deepEqual(nextSpec(from, desired({ phase: "half" }), undefined).spec, from.spec);
    assert.deepEqual(tryStep(from, desired({ phase: "half" })), { kind: "unchanged", rules: [] });
  });
});
