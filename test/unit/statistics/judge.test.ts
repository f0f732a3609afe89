import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeDifference, judgeRatio, judgeRecorded, ratioInterval } from "../../../rollout/statistics/comparison.ts";
import { judgeLimit, shareInterval } from "../../../rollout/statistics/proportion.ts";
import { type Bucket, judgeQuantileRatio, quantileInterval } from "../../../rollout/statistics/quantile.ts";
import { judgeSampleRatio } from "../../../rollout/statistics/sample-ratio.ts";
import { complement, pair } from "../../../rollout/statistics/windows.ts";
import { minutes, poisson, repeat, rules, seeded } from "./fixture.ts";

const ended = { ...rules, ended: true };

describe("a verdict", function () {
  this.timeout(30_000);
  it("never passes without data, and says so", () => {
    const empty = [
      judgeLimit([], 0.05, rules),
      judgeRatio([], [], 1.5, rules),
      judgeDifference([], [], 0.05, rules),
      judgeSampleRatio([], { share: 0.05, tolerance: 0.01, unit: "requests" }, rules),
      judgeQuantileRatio([], [], { quantile: 0.99, ratio: 1.5 }, rules),
    ];
    for (const { outcome, reason } of empty) {
      assert.equal(outcome, "Running");
      assert.match(reason, /no data never passes/);
    }
    assert.equal(judgeLimit([], 0.05, ended).outcome, "Inconclusive");
    assert.equal(judgeRatio(repeat(9, 50, 0), [], 1.5, ended).outcome, "Inconclusive");
  });

  it("needs the minimum sample, and says how much is missing", () => {
    const { outcome, reason } = judgeLimit(minutes([[40, 0]]), 0.9, rules);
    assert.equal(outcome, "Running");
    assert.equal(reason, "40 of the 100 trials that it takes at least");
  });

  it("against a limit is Passed, Failed, Running or Inconclusive, with figures", () => {
    assert.equal(judgeLimit(repeat(60, 100, 1), 0.05, rules).outcome, "Passed");
    assert.equal(judgeLimit(repeat(60, 100, 9), 0.05, rules).outcome, "Failed");
    assert.equal(judgeLimit(repeat(60, 100, 5), 0.05, rules).outcome, "Running");
    assert.equal(judgeLimit(repeat(60, 100, 5), 0.05, ended).outcome, "Inconclusive");
    const { reason } = judgeLimit(repeat(60, 100, 1), 0.05, rules);
    assert.match(reason, /^1 % \(60 of 6,000; surely 0\.\d+ % to 1\.\d+ %\) against 5 %: within the limit$/);
  });

  it("judges success rates as failures turned round", () => {
    assert.equal(judgeLimit(complement(repeat(60, 100, 99)), 0.05, rules).outcome, "Passed");
    assert.equal(judgeLimit(complement(repeat(60, 100, 90)), 0.05, rules).outcome, "Failed");
  });

  it("against stable tells three times as bad from equal", () => {
    const stable = repeat(120, 2000, 10);
    assert.equal(judgeRatio(repeat(120, 200, 3), stable, 1.5, rules).outcome, "Failed");
    assert.equal(judgeRatio(repeat(120, 200, 1), stable, 1.5, rules).outcome, "Passed");
    assert.equal(judgeRatio(repeat(20, 100, 0), repeat(20, 1900, 0), 1.5, ended).outcome, "Inconclusive");
    assert.match(
      judgeRatio(repeat(120, 200, 3), stable, 1.5, rules).reason,
      /ratio 2\.9\d \(surely .*\) against 1\.5: beyond the limit/,
    );
  });

  it("against stable by a difference tells ten points from one", () => {
    const stable = repeat(120, 1000, 20);
    assert.equal(judgeDifference(repeat(120, 100, 12), stable, 0.05, rules).outcome, "Failed");
    assert.equal(judgeDifference(repeat(120, 100, 3), stable, 0.05, rules).outcome, "Passed");
    assert.equal(judgeDifference(repeat(120, 100, 7), stable, 0.05, rules).outcome, "Running");
  });

  it("against what was recorded leaves room for what the record leaves open", () => {
    const recorded = repeat(200, 1000, 10);
    assert.equal(judgeRecorded(repeat(120, 1000, 30), recorded, 1.5, rules).outcome, "Failed");
    assert.equal(judgeRecorded(repeat(120, 1000, 10), recorded, 1.5, rules).outcome, "Passed");
    assert.equal(judgeRecorded(repeat(120, 1000, 30), repeat(2, 100, 1), 1.5, rules).outcome, "Running");
    assert.match(judgeRecorded([], recorded, 1.5, rules).reason, /no data never passes/);
    assert.match(
      judgeRecorded(repeat(120, 1000, 30), recorded, 1.5, rules).reason,
      /^3 % .* against 1\.5 times the recorded 0\.9\d+ % to 1\.\d+ %: beyond/,
    );
  });

  it("does not fail on fewer events than it takes", () => {
    const strict = { ...rules, minimum: { trials: 1, events: 50 } };
    assert.equal(judgeLimit(repeat(10, 10, 4), 0.01, strict).outcome, "Running");
  });

  it("takes counts that were extrapolated a little too far for what they can be", () => {
    const { outcome, reason } = judgeLimit(repeat(60, 100, 100.4), 0.5, rules);
    assert.equal(outcome, "Failed");
    assert.doesNotMatch(reason, /NaN/);
    assert.equal(judgeRatio(repeat(60, 100, -0.1), repeat(60, 1000, 10), 1.5, ended).outcome, "Passed");
  });

  it("refuses a limit that needs no statistics", () => {
    assert.throws(() => judgeLimit(repeat(9, 50, 0), 0, rules), /first event decides/);
    assert.throws(() => judgeRatio(repeat(9, 50, 0), repeat(9, 50, 0), 0, rules), /not a positive number/);
  });

  it("is one of the four, with a reason, for any counts there can be", () => {
    const counts = fc.array(
      fc.tuple(fc.nat(300), fc.nat(300)).map(([n, k]) => [n, Math.min(n, k)] as const),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(counts, counts, fc.boolean(), (ours, theirs, over) => {
        const given = { ...rules, ended: over };
        for (const judged of [
          judgeLimit(minutes(ours), 0.1, given),
          judgeRatio(minutes(ours), minutes(theirs), 2, given),
        ]) {
          assert.ok(["Passed", "Failed", over ? "Inconclusive" : "Running"].includes(judged.outcome), judged.outcome);
          assert.ok(judged.reason.length > 10 && !/NaN|undefined/.test(judged.reason), judged.reason);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("the intervals", function () {
  this.timeout(30_000);
  it("hold the truth at all looks together in 38 of 40 runs or more", () => {
    const random = seeded(3);
    let missed = 0;
    for (let run = 0; run < 40; run += 1) {
      const ours = repeat(60, 200, 0).map((window) => ({ ...window, k: poisson(4, random) }));
      const looks = [3, 10, 25, 60];
      if (looks.some((look) => !holds(shareInterval(ours.slice(0, look), 0.05, 0), 0.02))) missed += 1;
    }
    assert.ok(missed <= 2, `${missed} of 40 missed`);
  });

  it("of a ratio hold it likewise", () => {
    const random = seeded(4);
    let missed = 0;
    for (let run = 0; run < 25; run += 1) {
      const windows = pair(
        repeat(60, 100, 0).map((window) => ({ ...window, k: poisson(2, random) })),
        repeat(60, 900, 0).map((window) => ({ ...window, k: poisson(9, random) })),
      );
      if ([5, 20, 60].some((look) => !holds(ratioInterval(windows.slice(0, look), 0.05, 0), 2))) missed += 1;
    }
    assert.ok(missed <= 2, `${missed} of 25 missed`);
  });

  it("narrow as data comes in, and hold the estimate", () => {
    const width = (count: number): number => {
      const { low, high } = shareInterval(repeat(count, 100, 2), 0.05, 0);
      assert.ok(low < 0.02 && high > 0.02);
      return high - low;
    };
    assert.ok(width(1000) < width(100) && width(100) < width(10));
  });

  it("are 0 to 1 at the ends", () => {
    assert.equal(shareInterval(repeat(50, 100, 0), 0.05, 0).low, 0);
    assert.equal(shareInterval(repeat(50, 100, 100), 0.05, 0).high, 1);
    assert.deepEqual(shareInterval([], 0.05, 0), { low: 0, high: 1 });
  });
});

describe("the share of traffic", () => {
  const expected = { share: 0.05, tolerance: 0.01, unit: "users" } as const;
  it("passes at the weight, fails when provably off either way, and says in what", () => {
    assert.equal(judgeSampleRatio(repeat(200, 1000, 50), expected, rules).outcome, "Passed");
    for (const off of [80, 30, 0])
      assert.equal(judgeSampleRatio(repeat(60, 1000, off), expected, rules).outcome, "Failed");
    assert.match(
      judgeSampleRatio(repeat(60, 1000, 80), expected, rules).reason,
      /8 % of the users .* against 5 % ± 1 %/,
    );
  });

  it("waits where it can't tell", () => {
    assert.equal(judgeSampleRatio(repeat(4, 100, 5), expected, rules).outcome, "Running");
  });

  it("can be judged at 0 and at 100 percent", () => {
    assert.equal(judgeSampleRatio(repeat(60, 1000, 0), { ...expected, share: 0 }, rules).outcome, "Passed");
    assert.equal(judgeSampleRatio(repeat(60, 1000, 1000), { ...expected, share: 1 }, rules).outcome, "Passed");
    assert.equal(judgeSampleRatio(repeat(60, 1000, 100), { ...expected, share: 0 }, rules).outcome, "Failed");
  });
});

describe("quantiles from a histogram", function () {
  this.timeout(30_000);
  const bounds = [0.1, 0.2, 0.4, 0.8, 1.6];
  /** Latencies spread evenly from 0 to `slowest`. */
  const histogram = (slowest: number, count = 100, n = 1000): Bucket[] =>
    bounds.map((bound) => ({ bound, series: repeat(count, n, Math.round(n * Math.min(1, bound / slowest))) }));

  it("lie close to where they are, and beyond the last bound if that is all one can say", () => {
    const { low, high } = quantileInterval(histogram(1), 0.5, 0.05, 0);
    assert.ok(low > 0.48 && low < 0.5 && high > 0.5 && high < 0.52, `${low} to ${high}`);
    assert.deepEqual(quantileInterval(histogram(10), 0.95, 0.05, 0), { low: 1.6, high: Number.POSITIVE_INFINITY });
    assert.deepEqual(quantileInterval([], 0.5, 0.05, 0), { low: 0, high: Number.POSITIVE_INFINITY });
  });

  it("hold the truth at all looks together where requests are spread evenly", () => {
    const random = seeded(9);
    let missed = 0;
    for (let run = 0; run < 20; run += 1) {
      const counts = Array.from({ length: 30 }, () => bounds.map((bound) => poisson(100 * Math.min(1, bound), random)));
      const buckets = (look: number): Bucket[] =>
        bounds.map((bound, index) => ({
          bound,
          series: minutes(
            counts.slice(0, look).map((row) => [row.at(-1)!, Math.min(row[index]!, row.at(-1)!)] as const),
          ),
        }));
      if ([5, 15, 30].some((look) => !holds(quantileInterval(buckets(look), 0.6, 0.05, 0), 0.6))) missed += 1;
    }
    assert.ok(missed <= 1, `${missed} of 20 missed`);
  });

  it("of both tracks are compared by their intervals", () => {
    const question = { quantile: 0.95, ratio: 1.5 };
    assert.equal(judgeQuantileRatio(histogram(5), histogram(0.3), question, rules).outcome, "Failed");
    assert.equal(judgeQuantileRatio(histogram(0.3), histogram(1), question, rules).outcome, "Passed");
    const { outcome, reason } = judgeQuantileRatio(histogram(1), histogram(1), question, rules);
    assert.equal(outcome, "Passed");
    assert.match(reason, /^p95 of canary 1\.\d+ to 1\.\d+, of stable .* against a ratio of 1\.5: within the limit$/);
    assert.equal(
      judgeQuantileRatio(histogram(1, 1, 200), histogram(1, 1, 200), question, ended).outcome,
      "Inconclusive",
    );
  });
});

function holds({ low, high }: { low: number; high: number }, truth: number): boolean {
  return low <= truth && truth <= high;
}
