import assert from "node:assert/strict";
import fc from "fast-check";
import { sumBudget } from "../../../rollout/arithmetic/rollback-budget.ts";

const steps = [
  { id: "drain", seconds: 30, exposes: true },
  { id: "rollback", seconds: 60 },
  { id: "verify", seconds: 30 },
];

describe("the budget of a rollback", () => {
  it("is kept by 30 + 60 + 30 seconds of two minutes, with users back after 30", () => {
    const { keeps, exposure, total, reason } = sumBudget({ steps, exposureWithin: 30, total: 120 });
    assert.ok(keeps);
    assert.deepEqual([exposure, total], [30, 120]);
    assert.equal(
      reason,
      "drain 30 s + rollback 60 s + verify 30 s: users back after 30 of 30 s, all done after 120 of 120 s",
    );
  });

  it("is broken by a further detection step of 30 seconds inside it, and says by how much", () => {
    const { keeps, exposure, reason } = sumBudget({
      steps: [{ id: "detect", seconds: 30 }, ...steps],
      exposureWithin: 30,
      total: 120,
    });
    assert.ok(!keeps);
    assert.equal(exposure, 60);
    assert.match(
      reason,
      /users back after 60 s, 30 s more than the 30 s allowed, all done after 150 s, 30 s more than the 120 s allowed/,
    );
  });

  it("says beside it how long it takes until anybody knows", () => {
    const detection = { scrapeSeconds: 15, evaluationSeconds: 5, forSeconds: 300, notifySeconds: 10 };
    const { keeps, detection: until, reason } = sumBudget({ steps, exposureWithin: 30, total: 120 }, detection);
    assert.ok(keeps);
    assert.equal(until, 330);
    assert.match(reason, /before that up to 330 s until it is noticed$/);
  });

  it("is kept exactly when nothing in it is late, and users are never back after all is done", () => {
    const step = fc.record({ id: fc.constant("step"), seconds: fc.nat(60), exposes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), fc.nat(200), fc.nat(200), (list, exposureWithin, total) => {
        const sum = sumBudget({ steps: list, exposureWithin, total });
        assert.equal(
          sum.total,
          list.reduce((all, { seconds }) => all + seconds, 0),
        );
        assert.ok(sum.exposure <= sum.total);
        assert.equal(sum.keeps, sum.exposure <= exposureWithin && sum.total <= total);
      }),
    );
  });

  it("refuses a step without a time", () => {
    assert.throws(
      () => sumBudget({ steps: [{ id: "drain", seconds: Number.NaN }], exposureWithin: 1, total: 1 }),
      /step drain takes NaN s/,
    );
  });
});
