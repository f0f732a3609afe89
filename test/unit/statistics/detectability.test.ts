import assert from "node:assert/strict";
import { detectability } from "../../../rollout/statistics/detectability.ts";
import { dwcpManager } from "../../../stacks/systems/dwcp-manager/plan.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const phase = dwcpManager.ladders.production.normal.find(({ percent }) => percent === 5)!;
const usualRates = { "error-ratio": 0.0008, "success-ratio": 0.0008 } as const;

describe("what a phase of a plan can see", function () {
  this.timeout(30_000);

  it("is enough with a thousand requests a second and too little with one", () => {
    const sights = (requestsPerSecond: number) => detectability({ phase, requestsPerSecond, usualRates });
    const known = sights(1000).filter(({ sees }) => sees !== undefined);
    assert.ok(known.length > 0 && known.every(({ sees }) => sees));
    const blind = sights(1).filter(({ sees }) => sees === false);
    assert.ok(blind.length > 0);
    assert.match(
      blind[0]!.sentence,
      /this phase can see .* power.*; that is less than 95 %: more traffic, more time or a wider limit$/,
    );
  });

  it("is said to be unknown where nobody knows the usual rate", () => {
    const sights = detectability({ phase, requestsPerSecond: 1000, usualRates: {} });
    assert.ok(sights.length > 0 && sights.every(({ sees }) => sees === undefined));
    assert.match(sights[0]!.sentence, /nobody has said/);
  });

  it("can be asked for every phase of all plans, and is nothing where only one track has traffic", () => {
    for (const { ladders } of plans) {
      for (const each of [...ladders.staging.normal, ...ladders.production.normal]) {
        const sights = detectability({ phase: each, requestsPerSecond: 40, usualRates });
        if (each.percent === 0 || each.percent === 100) assert.deepEqual(sights, []);
      }
    }
  });
});
