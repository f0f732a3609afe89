import assert from "node:assert/strict";
import fc from "fast-check";
import type { Dependency, Plan } from "../../../rollout/plan/model.ts";
import { drainOrder, followersDown, riseOrder, unmetNeeds } from "../../../rollout/transitions/dependencies.ts";

type Dependent = Pick<Plan, "system" | "dependencies" | "interlocks">;
const needs = (...systems: Dependency["system"][]): Dependency[] =>
  systems.map((system) => ({ system, kind: "never-above", proposed: true, decision: "X-28" }));

const manager: Dependent = { system: "dwcp-manager", dependencies: [] };
const probft: Dependent = { system: "dwcp-probft", dependencies: needs("dwcp-manager") };
const bullshark: Dependent = { system: "dwcp-bullshark", dependencies: needs("dwcp-probft") };
const wdbx: Dependent = { system: "wdbx", dependencies: [] };

describe("dependencies between systems", () => {
  const at = (percent: number) => ({ "dwcp-manager": { settled: false, percent } });

  it("keep a system from rising above the one it needs", () => {
    assert.deepEqual(unmetNeeds(probft, 25, at(25)), []);
    assert.deepEqual(unmetNeeds(probft, 25, at(5)), [
      "dwcp-probft at 25 % needs dwcp-manager at 25 % or settled, and it is at 5 %",
    ]);
  });
  it("are met by a settled system, and don't matter at 0 percent", () => {
    assert.deepEqual(unmetNeeds(probft, 100, { "dwcp-manager": { settled: true, percent: 0 } }), []);
    assert.deepEqual(unmetNeeds(probft, 0, {}), []);
  });
  it("aren't met by a system that isn't there", () => {
    assert.match(unmetNeeds(probft, 5, {})[0]!, /isn't deployed in this stack$/);
  });
  it("can ask for a percent of their own", () => {
    const late: Dependent = {
      system: "dwcp-tpbft",
      dependencies: [{ system: "dwcp-manager", kind: "reached-first", percent: 75, proposed: true, decision: "X-28" }],
    };
    assert.equal(unmetNeeds(late, 5, at(50)).length, 1);
    assert.equal(unmetNeeds(late, 5, at(75)).length, 0);
  });
  it("go up needed first and down dependents first", () => {
    assert.deepEqual(riseOrder([bullshark, wdbx, probft, manager]), [
      "dwcp-manager",
      "dwcp-probft",
      "dwcp-bullshark",
      "wdbx",
    ]);
    assert.deepEqual(drainOrder("dwcp-manager", [manager, wdbx, probft, bullshark]), [
      "dwcp-bullshark",
      "dwcp-probft",
      "dwcp-manager",
    ]);
    assert.deepEqual(drainOrder("wdbx", [manager, wdbx, probft]), ["wdbx"]);
  });
  it("take along, on the way down, whoever would be left above", () => {
    const plans = [manager, wdbx, probft, bullshark];
    const reached = {
      "dwcp-manager": { settled: false, percent: 50 },
      "dwcp-probft": { settled: false, percent: 50 },
      "dwcp-bullshark": { settled: false, percent: 25 },
      wdbx: { settled: false, percent: 100 },
    };
    assert.deepEqual(followersDown("dwcp-manager", 25, plans, reached), ["dwcp-probft"]);
    assert.deepEqual(followersDown("dwcp-manager", 5, plans, reached), ["dwcp-bullshark", "dwcp-probft"]);
    const isDone = { ...reached, "dwcp-probft": { settled: true, percent: 100 } };
    assert.deepEqual(followersDown("dwcp-manager", 25, plans, isDone), []);
    const loose: Dependent = {
      system: "dwcp-probft",
      dependencies: [{ system: "dwcp-manager", kind: "reached-first", percent: 25, proposed: true, decision: "X-28" }],
    };
    assert.deepEqual(followersDown("dwcp-manager", 0, [manager, loose], reached), []);
  });
  it("know who may not move at the same time", () => {
    const v3: Dependent = {
      system: "dwcp-v3",
      dependencies: [],
      interlocks: [{ systems: ["dwcp-manager"], why: "they share nodes", proposed: true, decision: "X-74" }],
    };
    assert.deepEqual(unmetNeeds(v3, 10, at(0)), []);
    assert.deepEqual(unmetNeeds(v3, 10, { "dwcp-manager": { settled: true, percent: 100 } }), []);
    assert.deepEqual(unmetNeeds(v3, 10, at(5)), [
      "dwcp-v3 and dwcp-manager don't move at once (they share nodes), and dwcp-manager is at 5 %",
    ]);
  });
  it("may not go round", () => {
    const loop: Dependent = { system: "dwcp-manager", dependencies: needs("dwcp-probft") };
    assert.throws(() => riseOrder([loop, probft]), /go round: dwcp-manager → dwcp-probft → dwcp-manager/);
  });
  it("never drain a system before all that need it", () => {
    const names = ["wdbx", "dwcp-manager", "dwcp-probft", "dwcp-bullshark", "dwcp-tpbft"] as const;
    const graphs = fc
      .tuple(...names.map((_, index) => fc.subarray(names.slice(0, index))))
      .map((lists) => lists.map((list, index): Dependent => ({ system: names[index]!, dependencies: needs(...list) })));
    fc.assert(
      fc.property(graphs, fc.constantFrom(...names), (plans, system) => {
        const order = drainOrder(system, plans);
        assert.equal(order.at(-1), system);
        for (const [place, name] of order.entries()) {
          const { dependencies } = plans.find((plan) => plan.system === name)!;
          assert.ok(dependencies.every((dependency) => !order.slice(0, place).includes(dependency.system)));
        }
      }),
    );
  });
});
