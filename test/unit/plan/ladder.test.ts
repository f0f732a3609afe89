import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { type Duration, isDuration, toSeconds } from "../../../rollout/plan/duration.ts";
import {
  allowedPercents,
  exposureOf,
  firstPhaseWithPercent,
  nextPhase,
  phaseByName,
  phasesOf,
  previousPhase,
} from "../../../rollout/plan/ladder.ts";
import { distributedPostgres } from "../../../stacks/systems/distributed-postgres/plan.ts";
import { dwcpManager } from "../../../stacks/systems/dwcp-manager/plan.ts";
import { anyLadder } from "./arbitrary.ts";

describe("ladder look-ups", () => {
  it("answer for every ladder, every name and every percent", () => {
    fc.assert(
      fc.property(anyLadder, fc.string(), fc.double(), ({ plan, environment, ladder }, name, percent) => {
        const phases = phasesOf(plan, environment, ladder);
        const found = phaseByName(phases, name);
        assert.equal(found === undefined, !phases.some((phase) => phase.name === name));
        assert.equal(firstPhaseWithPercent(phases, percent) !== undefined, allowedPercents(phases).includes(percent));
        if (!found) assert.deepEqual([nextPhase(phases, name), previousPhase(phases, name)], [undefined, undefined]);
      }),
    );
  });

  it("go up and down by place, and end at both ends", () => {
    fc.assert(
      fc.property(anyLadder, ({ plan, environment, ladder }) => {
        const phases = phasesOf(plan, environment, ladder);
        for (const [index, { name }] of phases.entries()) {
          assert.equal(nextPhase(phases, name), phases[index + 1]);
          assert.equal(previousPhase(phases, name), phases[index - 1]);
        }
      }),
    );
  });

  it("find the first of several phases with one percent", () => {
    const phases = phasesOf(distributedPostgres, "production", "normal");
    assert.equal(firstPhaseWithPercent(phases, 0)?.name, "pre-migration");
    assert.equal(firstPhaseWithPercent(phases, 100)?.name, "verification");
    assert.deepEqual(allowedPercents(phases), [0, 100]);
    assert.deepEqual(phasesOf(distributedPostgres, "production", "expedited"), []);
  });

  it("give each segment what its phase says, and all the same where it says nothing", () => {
    const canary = phaseByName(phasesOf(dwcpManager, "production", "normal"), "canary-5")!;
    assert.deepEqual(exposureOf(dwcpManager, canary), {
      internal: 100,
      beta: 100,
      premium: 10,
      enterprise: 5,
      standard: 5,
    });
    assert.deepEqual(exposureOf(distributedPostgres, { percent: 100 }), { all: 100 });
  });

  it("give every segment an exposure, in every phase", () => {
    fc.assert(
      fc.property(anyLadder, ({ plan, environment, ladder }) => {
        for (const phase of phasesOf(plan, environment, ladder)) {
          const exposure = exposureOf(plan, phase);
          assert.deepEqual(Object.keys(exposure).sort(), plan.segments.map(({ name }) => name).sort());
        }
      }),
    );
  });
});

describe("duration", () => {
  it("counts seconds, minutes, hours and days", () => {
    assert.deepEqual((["0s", "30s", "5m", "48h", "14d"] as const).map(toSeconds), [0, 30, 300, 172_800, 1_209_600]);
  });

  it("is either refused or a whole number of seconds", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.+e-]{1,9}[smhdw]$/)), (text) => {
        if (isDuration(text)) assert.ok(Number.isSafeInteger(toSeconds(text)));
        else assert.throws(() => toSeconds(text as Duration), /is not a duration; write a whole number/);
      }),
    );
  });
});
