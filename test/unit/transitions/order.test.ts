import assert from "node:assert/strict";
import fc from "fast-check";
import { drainActions } from "../../../rollout/transitions/drain-actions.ts";
import { orderOf, waitsForAnalyzer } from "../../../rollout/transitions/order.ts";

const kinds = [
  "unchanged",
  "create",
  "advance",
  "landing",
  "withdraw",
  "settle",
  "undo-settle",
  "down",
  "adjust",
] as const;

describe("the order of an update", () => {
  const move = fc.record({ kind: fc.constantFrom(...kinds), settled: fc.boolean(), hasCanaryUsers: fc.boolean() });

  it("touches every part once", () => {
    fc.assert(
      fc.property(move, (one) => {
        assert.deepEqual([...orderOf(one)].sort(), ["canary", "rollout", "route", "stable"]);
      }),
    );
  });

  it("says what is allowed first on the way up, and takes users away first on the way down", () => {
    fc.assert(fc.property(move, (one) => orderOf(one)[0] === (one.kind === "down" ? "route" : "rollout")));
  });

  it("changes a track that gets nobody after the last user has gone, and one that gets users before", () => {
    const up = orderOf({ kind: "advance", settled: false, hasCanaryUsers: true });
    assert.ok(up.indexOf("canary") < up.indexOf("route"));
    for (const kind of ["landing", "withdraw", "settle"] as const) {
      const order = orderOf({ kind, settled: kind !== "landing", hasCanaryUsers: false });
      assert.ok(order.indexOf("canary") > order.indexOf("route"));
      assert.ok(order.indexOf("stable") < order.indexOf("route"));
    }
    const undone = orderOf({ kind: "undo-settle", settled: false, hasCanaryUsers: true });
    assert.deepEqual(undone, ["rollout", "canary", "route", "stable"]);
  });

  it("waits for the analyzer only where somebody is about to get more", () => {
    assert.deepEqual(kinds.filter(waitsForAnalyzer), ["advance", "settle"]);
  });
});

describe("the actions of a drain", () => {
  const action = (name: string, to: "zero" | "previous" | "both", phase?: string) => ({
    ...{ name, kind: "patch" as const, to, target: "x" },
    ...(phase ? { phase } : {}),
  });
  const drain = [action("out", "zero"), action("mirror-off", "both"), action("half-back", "previous", "half")];

  it("are those of the way that is asked for, and of the phase that is left", () => {
    const names = (phase: string, to: "zero" | "previous") =>
      drainActions({ drain, phase }, to).map(({ name }) => name);
    assert.deepEqual(names("half", "zero"), ["out", "mirror-off"]);
    assert.deepEqual(names("half", "previous"), ["mirror-off", "half-back"]);
  });

  it("go to nobody where the phase before is nobody", () => {
    assert.deepEqual(drainActions({ drain: [action("out", "zero")], phase: "canary-5" }, "previous"), [
      action("out", "zero"),
    ]);
    assert.deepEqual(drainActions({ drain: undefined, phase: "canary-5" }, "zero"), []);
  });
});
