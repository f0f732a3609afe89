import assert from "node:assert/strict";
import fc from "fast-check";
import { evidenceOfRatio } from "../../../rollout/statistics/comparison.ts";
import { detection, smallestVisible } from "../../../rollout/statistics/planning.ts";
import { poisson, seeded } from "./fixture.ts";

const traffic = { requestsPerSecond: 40, share: 0.05, seconds: 86_400 };
const question = { traffic, stableRate: 0.001, canaryRate: 0.003, against: { ratio: 1.5 }, alpha: 0.05 / 8 };

describe("what a phase can see", function () {
  this.timeout(30_000);
  it("is said in numbers and in one sentence", () => {
    const { power, canaryRequests, typicalSeconds, sentence } = detection(question);
    assert.equal(canaryRequests, 172_800);
    assert.ok(power > 0.999 && typicalSeconds! > 3600 && typicalSeconds! < 14_400);
    assert.match(
      sentence,
      /^at 5 % of 40 req\/s for 24 h \(172,800 canary requests\) this phase can see a share of bad requests of 0\.3 % against 0\.1 % as more than 1\.5 times stable's with 9\d\.\d % power, typically after 2\.\d+ h$/,
    );
  });

  it("agrees with simulated phases", () => {
    const random = seeded(21);
    const doubled = { ...question, canaryRate: 0.002 };
    let fired = 0;
    const runs = 150;
    for (let run = 0; run < runs; run += 1) {
      const windows = Array.from({ length: 24 }, (_, hour) => ({
        start: hour * 3600,
        through: (hour + 1) * 3600,
        canary: { n: 7200, k: poisson(14.4, random) },
        stable: { n: 136_800, k: poisson(136.8, random) },
      }));
      if (evidenceOfRatio(windows, 1.5, "above", { phaseStart: 0, anyStart: true }) >= -Math.log(doubled.alpha))
        fired += 1;
    }
    const { power } = detection(doubled);
    assert.ok(Math.abs(fired / runs - power) < 0.15, `simulated ${fired / runs}, computed ${power}`);
  });

  it("grows with traffic, time and effect", () => {
    const part = fc.double({ min: 0.1, max: 0.9, noNaN: true });
    fc.assert(
      fc.property(part, part, part, (less, shorter, weaker) => {
        const base = { ...question, canaryRate: 0.0022 };
        const { power } = detection(base);
        const smaller = (changed: typeof base): void => assert.ok(detection(changed).power <= power + 0.02);
        smaller({ ...base, traffic: { ...traffic, requestsPerSecond: 40 * less } });
        smaller({ ...base, traffic: { ...traffic, seconds: 86_400 * shorter } });
        smaller({ ...base, canaryRate: 0.0015 + 0.0007 * weaker });
      }),
      { numRuns: 15 },
    );
  });

  it("takes minutes even for an outage, since no minute decides alone", () => {
    const { typicalSeconds } = detection({ ...question, canaryRate: 0.9 });
    assert.ok(typicalSeconds! > 90 && typicalSeconds! < 600, `${typicalSeconds}`);
  });

  it("is nothing without traffic on both tracks", () => {
    assert.equal(detection({ ...question, traffic: { ...traffic, share: 0 } }).power, 0);
    assert.equal(detection({ ...question, traffic: { ...traffic, share: 1 } }).power, 0);
  });

  it("works against a fixed limit as well", () => {
    assert.ok(detection({ ...question, canaryRate: 0.008, against: { limit: 0.005 } }).power > 0.99);
    assert.ok(detection({ ...question, canaryRate: 0.0045, against: { limit: 0.005 } }).power < 0.01);
  });

  it("has a smallest effect, which it just sees", () => {
    const { canaryRate: _, ...rest } = question;
    const smallest = smallestVisible(rest)!;
    assert.ok(smallest > 0.0015 && smallest < 0.003, `${smallest}`);
    assert.ok(detection({ ...rest, canaryRate: smallest }).power >= 0.95);
    assert.ok(detection({ ...rest, canaryRate: smallest * 0.95 }).power < 0.95);
    assert.equal(smallestVisible({ ...rest, traffic: { ...traffic, seconds: 60 }, stableRate: 0.9 }), undefined);
  });
});
