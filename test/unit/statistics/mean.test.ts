import assert from "node:assert/strict";
import { judgeMean, likeness, meanInterval, type Reading, readingsOf } from "../../../rollout/statistics/mean.ts";
import { compact, type Window } from "../../../rollout/statistics/windows.ts";
import { repeat, rules, seeded } from "./fixture.ts";

const readings = (values: readonly number[], weights?: readonly number[]): Reading[] =>
  values.map((value, index) => ({ start: index * 60, value, weight: weights?.[index] ?? 1 }));

/** Readings around a mean with a standard deviation of `spread`, each remembering `memory` of the one before. */
function series(count: number, mean: number, spread: number, seed: number, memory = 0): Window[] {
  const random = seeded(seed);
  let state = 0;
  return repeat(count, 2, 0).map((window) => {
    const normal = Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
    state = memory * state + Math.sqrt(1 - memory * memory) * normal;
    return { ...window, k: 2 * (mean + spread * state) };
  });
}

describe("the interval of a mean", function () {
  this.timeout(30_000);

  it("ends where the evidence, integrated numerically by another program, is what was asked for", () => {
    const values = [1.3, 0.9, 1.8, 1.1, 1.6, 1.2];
    const ends: [number, number, number[]?][] = [
      [0.5, 3.232440569],
      [1, 0.8120980704],
      [0.5, 5.222042748, [1, 1, 4, 1, 9, 1]],
    ];
    for (const [mean, evidence, weights] of ends) {
      const { estimate, low } = meanInterval(readings(values, weights), Math.exp(-evidence));
      const end = estimate - (estimate - low) / Math.sqrt(likeness(values));
      assert.ok(Math.abs(end - mean) < 1e-8, `${end}, expected ${mean}`);
    }
  });

  it("holds the truth at all looks together, for readings that forget and for those that remember 10 minutes", () => {
    for (const memory of [0, 0.5, 0.9]) {
      let missed = 0;
      for (let run = 0; run < 100; run += 1) {
        const all = readingsOf(series(480, 5, 1, 100 + run, memory), 0);
        const looks = [3, 5, 8, 12, 16, 24, 32, 40, 48];
        if (looks.some((look) => !holds(meanInterval(all.slice(0, look), 0.05), 5))) missed += 1;
      }
      assert.ok(missed <= 5, `memory ${memory}: ${missed} of 100 missed`);
    }
  });

  it("is unbounded for one reading and narrows as they come in", () => {
    assert.equal(meanInterval(readings([1]), 0.05).low, Number.NEGATIVE_INFINITY);
    const width = (count: number): number => {
      const { low, high } = meanInterval(readingsOf(series(count, 5, 1, 3), 0, 60), 0.05);
      return high - low;
    };
    assert.ok(width(400) < width(60) && width(60) < width(15));
  });

  it("scales and shifts with the readings", () => {
    const values = [3, 5, 4, 6, 5, 4, 5, 6, 3, 4];
    const plain = meanInterval(readings(values), 0.05);
    const changed = meanInterval(readings(values.map((value) => 7 + 10 * value)), 0.05);
    assert.ok(Math.abs(changed.low - (7 + 10 * plain.low)) < 1e-9);
  });
});

describe("blocks of readings", () => {
  it("are complete, in order, start with the phase, and may be longer than asked for", () => {
    const all = repeat(35, 2, 1).map((window) => ({ ...window, k: window.through <= 600 ? 0.5 : 9 }));
    const values = (from: number): number[] => readingsOf(all, from).map(({ value }) => value);
    assert.deepEqual(values(0), [0.25, 4.5, 4.5]);
    assert.deepEqual(values(600), [4.5, 4.5]);
    assert.deepEqual(readingsOf([...all.slice(0, 4), ...all.slice(10)], 0).length, 2, "less than half full");
    const old = [{ through: 3600, n: 120, k: 120, span: 3600 }];
    assert.deepEqual(readingsOf(old, 0), [{ start: 0, value: 1, weight: 60 }]);
  });
});

describe("readings that resemble their neighbours", () => {
  it("count for less", () => {
    const values = (memory: number): number[] =>
      readingsOf(series(300, 0, 1, 6, memory), 0, 60).map(({ value }) => value);
    assert.ok(likeness(values(0)) < 1.4, `${likeness(values(0))}`);
    assert.ok(likeness(values(0.8)) > 5, `${likeness(values(0.8))}`);
    assert.ok(likeness([0.5, 0.5]) > 1, "and as much is assumed before there are many");
  });
});

describe("a mean against a limit", function () {
  this.timeout(30_000);
  const few = { ...rules, minimum: { trials: 6 } };
  const slow = { limit: 0.8, worse: "lower", block: 60 } as const;

  it("passes on the good side, fails on the bad one and waits in between", () => {
    assert.equal(judgeMean(series(120, 1, 0.1, 1), slow, few).outcome, "Passed");
    assert.equal(judgeMean(series(120, 0.7, 0.1, 1), slow, few).outcome, "Failed");
    assert.equal(judgeMean(series(120, 0.8, 0.1, 1), slow, few).outcome, "Running");
    assert.equal(judgeMean(series(120, 0.8, 0.1, 1), slow, { ...few, ended: true }).outcome, "Inconclusive");
    assert.equal(judgeMean(series(120, 0.7, 0.1, 1), { limit: 0.8, worse: "higher" }, few).outcome, "Passed");
    assert.match(judgeMean([], slow, few).reason, /no data never passes/);
  });

  it("says so when minutes were counted and no block of them is complete", () => {
    const tens = { limit: 0.8, worse: "lower" } as const;
    assert.match(judgeMean(repeat(9, 2, 1), tens, few).reason, /no block of 10 min is complete yet \(9 min counted\)/);
    assert.match(judgeMean(repeat(10, 2, 1), tens, few).reason, /1 of the 6 trials/);
  });

  it("asks for more evidence the more starts there are to choose from", () => {
    const all = series(120, 0.74, 0.1, 4);
    const blocks = readingsOf(all, 0, 60);
    let [low, high] = [1e-9, 1];
    for (let round = 0; round < 50; round += 1) {
      const middle = Math.sqrt(low * high);
      if (meanInterval(blocks, 2 * middle).high < 0.8) high = middle;
      else low = middle;
    }
    // Just enough for one look at the whole phase, which gets a quarter of the error.
    assert.equal(judgeMean(all, slow, { ...few, alpha: high * 1.01 }).outcome, "Running");
    assert.equal(judgeMean(all, slow, { ...few, alpha: Math.min(0.999, high * 4.04) }).outcome, "Failed");
  });

  it("is seen within half an hour though it began after a good day, and survives compacting", () => {
    const good = series(1440, 1, 0.1, 2);
    const bad = series(30, 0.6, 0.1, 3).map((window) => ({ ...window, through: window.through + 86_400 }));
    const all = compact([...good, ...bad], 86_400 + 1800);
    assert.ok(all.length < 130);
    assert.equal(judgeMean(all, slow, few).outcome, "Failed");
    assert.equal(judgeMean(compact(good, 86_400), slow, few).outcome, "Passed");
  });
});

function holds({ low, high }: { low: number; high: number }, truth: number): boolean {
  return low <= truth && truth <= high;
}
