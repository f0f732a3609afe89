import assert from "node:assert/strict";
import type { Condition } from "../../../rollout/plan/model.ts";
import { alphasOf, judgeCriterion, judgeTrigger, type Measured } from "../../../rollout/statistics/condition.ts";
import type { Outcome, Rules } from "../../../rollout/statistics/judgement.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { repeat, rules } from "./fixture.ts";

const ended: Rules = { ...rules, ended: true };
const errors = (op: Condition["op"], value: number, rest: Partial<Condition> = {}): Condition => ({
  metric: "error-ratio",
  statistic: "proportion",
  op,
  value,
  ...rest,
});
const criterion = (condition: Condition, measured: Measured, given = rules): Outcome =>
  judgeCriterion(condition, measured, given).outcome;
const trigger = (condition: Condition, measured: Measured, given = rules): Outcome =>
  judgeTrigger(condition, measured, given).outcome;
const share = (percent: number) => repeat(200, 1000, 10 * percent);

describe("a condition of a plan", function () {
  this.timeout(30_000);

  it("about a ratio of errors is a criterion one way and a trigger the other", () => {
    assert.equal(criterion(errors("<", 0.05), { canary: share(1) }), "Passed");
    assert.equal(criterion(errors("<", 0.05), { canary: share(9) }), "Failed");
    assert.equal(trigger(errors(">", 0.05), { canary: share(9) }), "Failed");
    assert.equal(trigger(errors(">", 0.05), { canary: share(1) }), "Passed");
  });

  it("about success is one about failure turned round", () => {
    const success = (op: Condition["op"], value: number): Condition => ({
      metric: "success-ratio",
      statistic: "proportion",
      op,
      value,
    });
    assert.equal(criterion(success(">", 0.995), { canary: share(99.9) }), "Passed");
    assert.equal(trigger(success("<", 0.95), { canary: share(90) }), "Failed");
    assert.equal(trigger(success("<", 0.95), { canary: share(99) }), "Passed");
  });

  it("is held against stable, against the record, and by points", () => {
    const times = (of: "stable" | "recorded"): Condition => errors(">", 1.5, { against: { of, as: "ratio" } });
    assert.equal(trigger(times("stable"), { canary: share(3), stable: share(1) }), "Failed");
    assert.equal(trigger(times("stable"), { canary: share(1), stable: share(1) }), "Passed");
    assert.equal(trigger(times("recorded"), { canary: share(3), recorded: share(1) }), "Failed");
    assert.equal(trigger(times("recorded"), { canary: share(3) }), "Running");
    const later = { ...rules, phaseStart: 200 * 60 };
    const now = share(9).map((window) => ({ ...window, through: window.through + 200 * 60 }));
    const points = errors(">", 0.05, { against: { of: "phase:wave-1", as: "points" } });
    assert.equal(trigger(points, { canary: now, recorded: share(1) }, later), "Failed");
  });

  it("about a quantile is exact where the histogram has the limit as a bound, and close elsewhere", () => {
    const p95: Condition = { metric: "latency-p95", statistic: "quantile", op: "<", value: 500 };
    const buckets = (fast: number) =>
      [100, 500, 1000].map((bound, index) => ({ bound, series: share([50, fast, 100][index]!) }));
    assert.equal(criterion(p95, { canaryBuckets: buckets(99) }), "Passed");
    assert.equal(criterion(p95, { canaryBuckets: buckets(80) }), "Failed");
    assert.equal(criterion({ ...p95, value: 700 }, { canaryBuckets: buckets(99) }), "Passed");
    const p99: Condition = {
      metric: "latency-p99",
      statistic: "quantile",
      op: ">",
      value: 2,
      against: { of: "recorded", as: "ratio" },
    };
    assert.equal(trigger(p99, { canaryBuckets: buckets(80), baseline: 400 }), "Failed");
    assert.equal(trigger(p99, { canaryBuckets: buckets(80) }), "Running");
  });

  it("about events breaks with the first one and is kept only when the time is over", () => {
    const none: Condition = { metric: "data-losses", statistic: "count", op: "==", value: 0 };
    assert.equal(criterion(none, { canary: repeat(10, 60, 0) }), "Running");
    assert.equal(criterion(none, { canary: repeat(10, 60, 0) }, ended), "Passed");
    assert.equal(criterion(none, { canary: [...repeat(10, 60, 0), { through: 660, n: 60, k: 1 }] }), "Failed");
    assert.equal(criterion(none, {}, ended), "Inconclusive");
    assert.equal(trigger({ ...none, op: ">" }, { canary: repeat(10, 60, 1) }), "Failed");
    assert.throws(() => judgeTrigger(none, {}, rules), /a trigger needs a side/);
  });

  it("about a gauge is read as it is, also against a baseline", () => {
    const memory: Condition = {
      metric: "memory",
      statistic: "level",
      op: "<",
      value: 1.1,
      against: { of: "stable", as: "ratio" },
    };
    assert.equal(criterion(memory, { reading: 2.1, baseline: 2 }, ended), "Passed");
    assert.equal(criterion(memory, { reading: 2.3, baseline: 2 }), "Failed");
    assert.equal(criterion(memory, { reading: Number.NaN, baseline: 2 }), "Running");
    assert.match(
      judgeCriterion(memory, { reading: 2.3, baseline: 2 }, rules).reason,
      /^2\.3 against 2: 1\.15, needed < 1\.1: beyond the limit$/,
    );
  });

  it("takes a share of the false alarms only if it rests on statistics", () => {
    for (const { ladders } of plans) {
      for (const { triggers } of ladders.production.normal) {
        const alphas = alphasOf(triggers);
        const total = Object.values(alphas).reduce((sum, alpha) => sum + alpha, 0);
        assert.ok(total <= 0.05 + 1e-12);
        for (const one of triggers) {
          const exact = !("metric" in one) || ["count", "level", "trend"].includes(one.statistic);
          assert.equal(alphas[one.id] === 0, exact, one.id);
        }
      }
    }
  });

  it("can be judged for every criterion and trigger of all plans, and none passes without data", () => {
    let judged = 0;
    const bounds = { lower: 0, upper: 10 };
    for (const { ladders } of plans) {
      const phases = [ladders.staging, ladders.production].flatMap(({ normal, expedited }) => [
        ...normal,
        ...(expedited ?? []),
      ]);
      for (const { criteria, triggers } of phases) {
        for (const one of criteria) assert.equal(criterion(one, { bounds }, ended), "Inconclusive", one.id);
        for (const one of triggers)
          if ("metric" in one) assert.equal(trigger(one, { bounds }, ended), "Inconclusive", one.id);
        judged += criteria.length + triggers.length;
      }
    }
    assert.ok(judged > 100, `${judged}`);
  });
});
