import assert from "node:assert/strict";
import fc from "fast-check";
import { splitAlpha } from "../../../rollout/statistics/alpha.ts";
import { excesses, logSumExp, startShare } from "../../../rollout/statistics/alternatives.ts";
import { evidenceOfRatio } from "../../../rollout/statistics/comparison.ts";
import { dispersion } from "../../../rollout/statistics/dispersion.ts";
import { evidenceBeyond } from "../../../rollout/statistics/proportion.ts";
import { type PairWindow, pair } from "../../../rollout/statistics/windows.ts";
import { minutes, poisson, repeat, seeded } from "./fixture.ts";

const whole = { phaseStart: 0, anyStart: false };
const close = (got: number, expected: number): void =>
  assert.ok(Math.abs(got - expected) < 1e-9, `${got}, expected ${expected}`);

describe("the evidence against a limit", function () {
  this.timeout(30_000);
  it("agrees with figures computed by another program at 40 digits", () => {
    const canary = minutes([
      [120, 2],
      [118, 1],
      [125, 4],
      [119, 0],
      [121, 3],
      [130, 2],
    ]);
    const stable = minutes([
      [2280, 3],
      [2301, 1],
      [2190, 2],
      [2277, 4],
      [2260, 2],
      [2350, 1],
    ]);
    close(evidenceOfRatio(pair(canary, stable), 1.5, "above", whole), 6.08701237299755);
    close(evidenceOfRatio(pair(canary, stable), 1, "above", whole), 7.26253744144667);
    close(
      evidenceBeyond(
        minutes([
          [100, 3],
          [120, 1],
          [90, 4],
          [110, 2],
        ]),
        0.005,
        "above",
        whole,
      ),
      3.245922759247,
    );
  });

  // Ville's inequality, computed exactly: the probability of every path is followed, not sampled.
  for (const side of ["above", "below"] as const) {
    for (const limit of [0.02, 0.3]) {
      it(`ever reaches 1/α with a probability of α at most when the share is exactly ${limit}, looking ${side} after each trial`, () => {
        const alpha = 0.05;
        let alive = new Map([[0, 1]]);
        let crossed = 0;
        for (let n = 1; n <= 400; n += 1) {
          const next = new Map<number, number>();
          for (const [k, probability] of alive) {
            next.set(k, (next.get(k) ?? 0) + probability * (1 - limit));
            next.set(k + 1, (next.get(k + 1) ?? 0) + probability * limit);
          }
          alive = new Map();
          for (const [k, probability] of next) {
            // A long window, so that only the bet itself is judged here and not what else keeps it small.
            const long = [{ through: 86_400, span: 86_400, n, k }];
            const over = probability > 1e-9 && evidenceBeyond(long, limit, side, whole) >= -Math.log(alpha);
            if (over) crossed += probability;
            else alive.set(k, probability);
          }
        }
        assert.ok(crossed <= alpha, `crossed with ${crossed}`);
      });
    }
  }

  it("is an expectation of at most one, bet by bet, for the comparison as well", () => {
    const share = (ratio: number, w: number): number => (ratio * w) / (ratio * w + 1 - w);
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 0.6, noNaN: true }),
        fc.double({ min: 0.2, max: 5, noNaN: true }),
        (w, ratio) => {
          for (const excess of excesses) {
            const [null_, bet] = [share(ratio, w), share(ratio * (1 + excess), w)];
            for (const truth of [1, 0.5, 0.1].map((part) => share(ratio * part, w))) {
              const expected = truth * (bet / null_) + (1 - truth) * ((1 - bet) / (1 - null_));
              assert.ok(expected <= 1 + 1e-9);
            }
          }
        },
      ),
    );
  });

  it("grows when the canary has twice the events and shrinks when stable has", () => {
    const counts = fc.record({ ours: fc.integer({ min: 1, max: 40 }), theirs: fc.integer({ min: 10, max: 200 }) });
    fc.assert(
      fc.property(counts, ({ ours, theirs }) => {
        const at = (k: number, other: number): number => {
          const windows: PairWindow[] = [
            { start: 0, through: 3600, canary: { n: 1000, k }, stable: { n: 19_000, k: other } },
          ];
          return evidenceOfRatio(windows, 1.5, "above", whole);
        };
        assert.ok(at(2 * ours + 1, theirs) >= at(ours, theirs));
        assert.ok(at(ours, 2 * theirs + 10) <= at(ours, theirs));
      }),
    );
  });

  it("is not won by one burst, however large", () => {
    const quiet = repeat(120, 120, 0);
    const burst = [...quiet, { through: 121 * 60, n: 120, k: 100 }];
    const stable = repeat(121, 2280, 2);
    assert.ok(evidenceOfRatio(pair(burst, stable), 1.5, "above", { phaseStart: 0, anyStart: true }) < -Math.log(0.05));
  });

  it("sees within minutes what begins after a good day, and nothing where nothing begins", () => {
    const day = 1440;
    const random = seeded(7);
    const good = repeat(day, 120, 0).map((window) => ({ ...window, k: poisson(0.12, random) }));
    const stable = repeat(day + 10, 2280, 0).map((window) => ({ ...window, k: poisson(2.28, random) }));
    const bad = Array.from({ length: 10 }, (_, index) => ({ through: (day + index + 1) * 60, n: 120, k: 6 }));
    const anyStart = { phaseStart: 0, anyStart: true };
    assert.ok(evidenceOfRatio(pair([...good, ...bad], stable), 1.5, "above", anyStart) > -Math.log(0.05 / 8));
    assert.ok(evidenceOfRatio(pair([...good, ...bad], stable), 1.5, "above", whole) < -Math.log(0.05 / 8));
    assert.ok(evidenceOfRatio(pair(good, stable), 1.5, "above", anyStart) < 1);
  });

  it("counts nothing from before the phase", () => {
    const windows = pair(repeat(10, 100, 50), repeat(10, 1000, 1));
    assert.equal(evidenceOfRatio(windows, 1.5, "above", { phaseStart: 600, anyStart: true }), 0);
  });
});

describe("the shares of all starts", () => {
  it("add up to one at most, whenever the phase begins", () => {
    for (const phaseStart of [0, 60, 1234 * 60, 3599]) {
      let total = startShare(phaseStart, phaseStart);
      const first = Math.floor(phaseStart / 60) * 60 + 60;
      for (let start = first; start < phaseStart + 400 * 3600; start += 60) total += startShare(start, phaseStart);
      assert.ok(total <= 1 + 1e-9 && total > 0.7, `${total}`);
    }
  });
});

describe("the dispersion", () => {
  it("is close to one for independent requests and close to the truth for bursts", () => {
    const random = seeded(11);
    const scatter = (burst: number) =>
      Array.from({ length: 600 }, () => ({ residual: burst * poisson(8 / burst, random) - 8, variance: 8 }));
    assert.ok(dispersion(scatter(1)) < 1.4);
    const four = dispersion(scatter(4));
    assert.ok(four > 3 && four < 6, `${four}`);
  });

  it("finds bursts that last for several windows", () => {
    const random = seeded(12);
    let shared = 0;
    const scatter = Array.from({ length: 600 }, (_, index) => {
      if (index % 5 === 0) shared = random() < 0.5 ? 0 : 8;
      return { residual: poisson(shared, random) - 4, variance: 4 };
    });
    assert.ok(dispersion(scatter) > 10, `${dispersion(scatter)}`);
  });

  it("never lifts evidence", () => {
    const scatter = fc.record({
      residual: fc.double({ min: -9, max: 9, noNaN: true }),
      variance: fc.double({ min: 0, max: 9, noNaN: true }),
    });
    fc.assert(fc.property(fc.array(scatter), (scatters) => assert.ok(dispersion(scatters) >= 1)));
  });
});

describe("sharing out the false alarms", () => {
  it("gives away no more than there is, and nothing to triggers that need no statistics", () => {
    const weights = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.double({ min: 0, max: 10, noNaN: true }), {
      minKeys: 1,
    });
    fc.assert(
      fc.property(weights, (given) => {
        const shares = Object.values(splitAlpha(0.05, given));
        assert.ok(shares.reduce((sum, share) => sum + share, 0) <= 0.05 + 1e-12);
      }),
    );
    assert.deepEqual(splitAlpha(0.05, { errors: 1, p99: 1, corruption: 0 }), {
      errors: 0.025,
      p99: 0.025,
      corruption: 0,
    });
    assert.throws(() => splitAlpha(0, { errors: 1 }), /alpha is 0/);
    assert.throws(() => splitAlpha(0.05, { errors: -1 }), /weight of errors is -1/);
  });

  it("sums logs without overflow", () => {
    close(logSumExp([1000, 1000]), 1000 + Math.log(2));
    assert.equal(logSumExp([]), Number.NEGATIVE_INFINITY);
  });
});
