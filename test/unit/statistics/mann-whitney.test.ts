import assert from "node:assert/strict";
import { isHigh } from "../../../bench/statistics/mann-whitney.ts";
import { randomFrom } from "../../../bench/statistics/random.ts";

const runs = 300;

/** How often the judge calls the canary High, with 60 points each around 1, spread by a tenth. */
function shareOfHigh(shift: number, memory = 0): number {
  const random = randomFrom(42);
  const series = (mean: number): number[] => {
    let state = random.normal();
    return Array.from({ length: 60 }, () => {
      state = memory * state + Math.sqrt(1 - memory * memory) * random.normal();
      return mean + 0.1 * state;
    });
  };
  let high = 0;
  for (let run = 0; run < runs; run += 1) if (isHigh(series(1 + shift), series(1))) high += 1;
  return high / runs;
}

describe("the peer's judge that the bench compares with", function () {
  this.timeout(30_000);

  it("finds shifts as often as its published description implies", () => {
    assert.ok(Math.abs(shareOfHigh(0.05) - 0.32) < 0.1, `${shareOfHigh(0.05)}`);
    assert.ok(Math.abs(shareOfHigh(0.08) - 0.87) < 0.07, `${shareOfHigh(0.08)}`);
  });

  it("hardly ever cries wolf on independent points, and often on points that resemble their neighbours", () => {
    assert.ok(shareOfHigh(0) < 0.01);
    assert.ok(shareOfHigh(0, 0.7) > 0.05, `${shareOfHigh(0, 0.7)}`);
  });
});
