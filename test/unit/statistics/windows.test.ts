import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeLimit } from "../../../rollout/statistics/proportion.ts";
import {
  compact,
  merge,
  pair,
  type Series,
  spanOf,
  startOf,
  totalOf,
  windowProblem,
} from "../../../rollout/statistics/windows.ts";
import { minutes, repeat, rules } from "./fixture.ts";

const window = fc
  .record({
    at: fc.integer({ min: 1, max: 200 }),
    n: fc.nat(50),
    part: fc.nat(50),
    span: fc.constantFrom(60, 60, 60, 3600),
  })
  .map(({ at, n, part, span }) => ({
    through: Math.ceil((at * 60) / span) * span,
    n,
    k: Math.min(n, part),
    ...(span === 60 ? {} : { span }),
  }));
const series = fc.array(window, { maxLength: 30 });

describe("joining windows", function () {
  this.timeout(30_000);
  it("does not depend on order, grouping or repetition", () => {
    fc.assert(
      fc.property(series, series, series, (a, b, c) => {
        assert.deepEqual(merge(a, b), merge(b, a));
        assert.deepEqual(merge(merge(a, b), c), merge(a, merge(b, c)));
        assert.deepEqual(merge(merge(a, b), b, a), merge(a, b));
      }),
    );
  });

  it("never lets two windows overlap", () => {
    fc.assert(
      fc.property(series, series, (a, b) => {
        const joined = merge(a, b);
        for (const [index, next] of joined.entries()) {
          if (index > 0) assert.ok(joined[index - 1]!.through <= startOf(next));
        }
      }),
    );
  });

  it("takes whoever has seen more of the current minute", () => {
    assert.deepEqual(merge([{ through: 60, n: 5, k: 1 }], [{ through: 60, n: 9, k: 0 }]), [
      { through: 60, n: 9, k: 0 },
    ]);
  });
});

describe("compacting windows", function () {
  this.timeout(30_000);
  const long = (count: number): Series => repeat(count, 10, 1);

  it("loses no count", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6000 }), fc.integer({ min: 0, max: 100_000 }), (count, later) => {
        const all = long(count);
        assert.deepEqual(totalOf(compact(all, count * 60 + later)), totalOf(all));
      }),
      { numRuns: 30 },
    );
  });

  it("keeps four weeks in fewer than 200 windows", () => {
    let kept: Series = [];
    const day = 1440;
    for (let from = 0; from < 28 * day; from += 30) {
      const next = Array.from({ length: 30 }, (_, index) => ({ through: (from + index + 1) * 60, n: 10, k: 1 }));
      kept = compact(merge(kept, next), (from + 30) * 60);
    }
    assert.ok(kept.length < 200, `${kept.length} windows`);
    assert.deepEqual(totalOf(kept), { n: 28 * day * 10, k: 28 * day });
    assert.deepEqual([...new Set(kept.map(spanOf))], [86_400, 3600, 60]);
  });

  it("gives the same whether done once or at every step, before or after a join", () => {
    fc.assert(
      fc.property(series, series, fc.integer({ min: 0, max: 200_000 }), (a, b, now) => {
        const minutesOnly = (all: Series): Series => all.filter((item) => spanOf(item) === 60);
        const joined = merge(minutesOnly(a), minutesOnly(b));
        assert.deepEqual(compact(compact(joined, now), now), compact(joined, now));
        assert.deepEqual(compact(compact(joined, now / 2), now), compact(joined, now));
      }),
    );
  });
});

describe("a restart", function () {
  this.timeout(30_000);
  it("changes no verdict: what was written down before and what comes after give the same as one run", () => {
    const counts = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(3)), { minLength: 5, maxLength: 150 });
    fc.assert(
      fc.property(counts, fc.nat(), fc.nat(), (all, one, other) => {
        const whole = minutes(all.map(([n, k]) => [n, Math.min(n, k)] as const));
        const [from, to] = [one % whole.length, other % whole.length].sort((a, b) => a - b) as [number, number];
        const resumed = merge(whole.slice(0, to + 1), whole.slice(from));
        assert.deepEqual(judgeLimit(resumed, 0.05, rules), judgeLimit(whole, 0.05, rules));
      }),
      { numRuns: 25 },
    );
  });
});

describe("a pair of tracks", function () {
  this.timeout(30_000);
  it("is compared only where both had traffic", () => {
    const canary = minutes([
      [5, 1],
      [0, 0],
      [7, 0],
    ]);
    const stable = minutes([
      [50, 1],
      [60, 2],
    ]);
    assert.deepEqual(
      pair(canary, stable).map(({ through }) => through),
      [60],
    );
  });
});

describe("a window", function () {
  this.timeout(30_000);
  it("is refused when it can't be", () => {
    assert.equal(windowProblem({ through: 120, n: 1, k: 1 }), undefined);
    assert.match(windowProblem({ through: 61, n: 1, k: 1 })!, /multiple of 60/);
    assert.match(windowProblem({ through: 60, n: Number.NaN, k: 0 })!, /finite/);
    assert.match(windowProblem({ through: 60, n: 1, k: 0, span: 0.5 })!, /whole number/);
  });
});
