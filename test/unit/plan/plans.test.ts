import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, it } from "mocha";
import { toSeconds } from "../../../rollout/plan/duration.ts";
import { phaseByName, phasesOf } from "../../../rollout/plan/ladder.ts";
import { isMeasured } from "../../../rollout/plan/rules.ts";
import { parsePlan } from "../../../rollout/plan/schema.ts";
import { type SystemName, systems } from "../../../rollout/plan/systems.ts";
import { riseOrder } from "../../../rollout/transitions/dependencies.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { everyPhase } from "./arbitrary.ts";

const production = (system: SystemName) =>
  phasesOf(plans.find((plan) => plan.system === system)!, "production", "normal");

describe("the ten plans", () => {
  it("are one for each system", () => {
    assert.deepEqual(plans.map(({ system }) => system).sort(), [...systems].sort());
  });

  it("hold what the schema asks for, and survive JSON unchanged", () => {
    for (const plan of plans) assert.deepEqual(parsePlan(JSON.parse(JSON.stringify(plan))), plan);
  });

  it("climb as their seeds say", () => {
    const percents = (system: SystemName) => production(system).map(({ percent }) => percent);
    assert.deepEqual(percents("wdbx"), [0, 5, 25, 50, 100]);
    assert.deepEqual(percents("dwcp-manager"), [0, 0, 5, 25, 50, 75, 90, 100]);
    assert.deepEqual(percents("batch-patches"), [0, 10, 25, 50, 100, 100]);
    assert.deepEqual(percents("distributed-postgres"), [0, 0, 100, 100]);
    assert.deepEqual(percents("dwcp-v3"), [0, 10, 50, 100, 100]);
  });

  it("have a hotfix lane everywhere but for the database", () => {
    const without = plans.filter(({ ladders }) => !ladders.production.expedited).map(({ system }) => system);
    assert.deepEqual(without, ["distributed-postgres"]);
    for (const { ladders } of plans) {
      if (ladders.production.expedited) assert.equal(ladders.production.expedited[0]!.approvals.length, 2);
    }
  });

  it("depend on each other without going round", () => {
    const order = riseOrder(plans);
    assert.ok(order.indexOf("dwcp-manager") < order.indexOf("dwcp-compression"));
    assert.ok(order.indexOf("dwcp-bullshark") < order.indexOf("dwcp-tpbft"));
  });

  it("keep everything armed that exposes anybody", () => {
    for (const phase of everyPhase) {
      if (phase.percent > 0) assert.ok(phase.triggers.length > 0, `${phase.name} has no trigger`);
    }
  });

  it("compare with the stable track only where there is one", () => {
    for (const { name, percent, criteria, triggers } of everyPhase) {
      for (const { against, metric } of [...criteria, ...triggers.filter(isMeasured)]) {
        assert.ok(percent < 100 || against?.of !== "stable", `${name}: ${metric} against a track without traffic`);
      }
    }
  });

  it("name only decisions that are written down", () => {
    const folder = new URL("../../../docs/decisions/", import.meta.url);
    const seeds = readFileSync(new URL("conflicts-in-the-seeds.md", folder), "utf8");
    const files = readdirSync(folder);
    for (const decision of new Set(JSON.stringify(plans).match(/X-\d\d/g))) {
      const isWritten = seeds.includes(`| ${decision} |`) || files.some((file) => file.startsWith(`${decision}-`));
      assert.ok(isWritten, `${decision} is nowhere`);
    }
  });
});

describe("systems that join DWCP later", () => {
  const joining = {
    "dwcp-compression": { reach: 25, day: 28 },
    "dwcp-probft": { reach: 50, day: 42 },
    "dwcp-bullshark": { reach: 75, day: 56 },
    "dwcp-tpbft": { reach: 90, day: 70 },
    "dwcp-maddpg": { reach: 90, day: 70 },
  } as const;

  for (const [system, { reach, day }] of Object.entries(joining) as [
    keyof typeof joining,
    { reach: number; day: number },
  ][]) {
    it(`${system} is at ${reach} % on the day on which the manager is`, () => {
      assert.equal(phaseByName(production(system), `progressive-${reach}`)?.slot?.fromDay, day);
      assert.equal(phaseByName(production("dwcp-manager"), `progressive-${reach}`)?.slot?.fromDay, day);
    });

    it(`${system} walks through its shadow and every rung without a gap`, () => {
      const [, ...walked] = production(system);
      for (const [index, phase] of walked.entries()) {
        const next = walked[index + 1];
        if (next) assert.equal(phase.slot?.toDay, next.slot?.fromDay, phase.name);
        const days = (phase.slot?.toDay ?? Number.POSITIVE_INFINITY) - phase.slot!.fromDay;
        assert.ok(days * 86_400 >= toSeconds(phase.minDuration), `${phase.name} is shorter than its soak`);
      }
    });

    it(`${system} is never above the manager in the calendar`, () => {
      const at = (name: SystemName, when: number) =>
        Math.max(
          0,
          ...production(name).flatMap(({ slot, percent }) => (slot && slot.fromDay <= when ? [percent] : [])),
        );
      fc.assert(
        fc.property(fc.integer({ min: -30, max: 120 }), (when) => at(system, when) <= at("dwcp-manager", when)),
      );
    });
  }
});
