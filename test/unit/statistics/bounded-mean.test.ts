import assert from "node:assert/strict";
import fc from "fast-check";
import { boundedMeanInterval, coarseningOf, judgeBoundedMean } from "../../../rollout/statistics/bounded-mean.ts";
import { compact } from "../../../rollout/statistics/windows.ts";
import { repeat, rules, seeded } from "./fixture.ts";

const unit = { lower: 0, upper: 1 };
const close = (got: number, expected: number): void =>
  assert.ok(Math.abs(got - expected) < 1e-12, `${got}, expected ${expected}`);

describe("the interval of a bounded mean", function () {
  this.timeout(30_000);
  it("is that of the authors' own package, confseq 0.0.11, to twelve digits", () => {
    const wavy = Array.from({ length: 200 }, (_, index) => ((7 * (index + 1) ** 2 + 3 * (index + 1)) % 23) / 22);
    const published: [number, number, number][] = [
      [20, 0.059963175629347276, 0.8690654351030158],
      [100, 0.34894508133291247, 0.5667370968554025],
      [200, 0.38333451119007367, 0.5281695589921656],
    ];
    for (const [count, low, high] of published) {
      const got = boundedMeanInterval(wavy.slice(0, count), unit, 0.05);
      close(got.low, low);
      close(got.high, high);
    }
    const two = Array.from({ length: 500 }, (_, index) => ((index + 1) % 7 === 0 ? 0.9 : 0.1));
    close(boundedMeanInterval(two, unit, 0.01).low, 0.16172444506329617);
    close(boundedMeanInterval(two, unit, 0.01).high, 0.2665761518942068);
  });

  it("scales with the bounds of the readings", () => {
    const readings = Array.from({ length: 80 }, (_, index) => 0.3 + 0.01 * (index % 5));
    const plain = boundedMeanInterval(readings, unit, 0.05);
    const scaled = boundedMeanInterval(
      readings.map((value) => 10 + 4 * value),
      { lower: 10, upper: 14 },
      0.05,
    );
    close(scaled.low, 10 + 4 * plain.low);
    close(scaled.high, 10 + 4 * plain.high);
  });

  it("holds the truth at all looks together in 95 of 100 runs or more", () => {
    const random = seeded(5);
    let missed = 0;
    for (let run = 0; run < 200; run += 1) {
      const readings = Array.from({ length: 200 }, () => (random() < 0.1 ? 1 : 0.2 * random()));
      const off = [5, 10, 20, 40, 80, 140, 200].some((look) => {
        const { low, high } = boundedMeanInterval(readings.slice(0, look), unit, 0.05);
        return low > 0.19 || high < 0.19;
      });
      if (off) missed += 1;
    }
    assert.ok(missed <= 10, `${missed} of 200 missed`);
  });

  it("never leaves the bounds", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 50 }), (readings) => {
        const { low, high } = boundedMeanInterval(readings, unit, 0.05);
        assert.ok(low >= 0 && high <= 1 && low <= high);
      }),
    );
  });
});

describe("a bounded mean against a limit", function () {
  this.timeout(30_000);
  const few = { ...rules, minimum: { trials: 6, events: 0 } };
  const readings = (value: number) =>
    repeat(600, 4, 0).map((window, index) => ({ ...window, k: 4 * (value + 0.02 * Math.sin(index * 1.7)) }));

  it("is the same after the series was compacted as far as it may be, and clips what can't be", () => {
    const whole = readings(0.4).with(5, { through: 360, n: 4, k: 4000 });
    const small = compact(whole, 600 * 60, coarseningOf());
    assert.ok(small.length < 200, `${small.length}`);
    assert.deepEqual(judgeBoundedMean(small, above, few).outcome, judgeBoundedMean(whole, above, few).outcome);
    assert.ok(judgeBoundedMean(whole, above, few).estimate! < 0.5);
  });

  const above = { ...unit, limit: 0.6, worse: "higher" } as const;

  it("passes below, fails above and waits in between", () => {
    assert.equal(judgeBoundedMean(readings(0.4), above, few).outcome, "Passed");
    assert.equal(judgeBoundedMean(readings(0.8), above, few).outcome, "Failed");
    assert.equal(judgeBoundedMean(readings(0.6), above, few).outcome, "Running");
    assert.equal(judgeBoundedMean(readings(0.6), above, { ...few, ended: true }).outcome, "Inconclusive");
    const below = { ...above, worse: "lower" } as const;
    assert.equal(judgeBoundedMean(readings(0.4), below, few).outcome, "Failed");
    assert.equal(judgeBoundedMean(readings(0.8), below, few).outcome, "Passed");
    assert.match(judgeBoundedMean([], above, few).reason, /no data never passes/);
  });
});
