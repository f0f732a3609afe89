import assert from "node:assert/strict";
import { planRollback } from "../../../rollout/transitions/rollback.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { aborted, desired, live, settled } from "./fixture.ts";

const at = (system: string, phase: string, status = {}) => ({ rollout: live(desired({ system, phase }), status) });
const rollouts = {
  "dwcp-manager": at("dwcp-manager", "half"),
  "dwcp-compression": at("dwcp-compression", "half"),
  "dwcp-probft": at("dwcp-probft", "canary-5"),
  wdbx: at("wdbx", "full"),
};
const way = (system: string, to: "zero" | "previous", all: Parameters<typeof planRollback>[3] = rollouts) =>
  planRollback(system, to, plans, all).map((one) => [one.system, one.to, one.phase.name, one.endsAttempt]);

describe("planning a rollback", () => {
  it("takes those that need the system down before it, and leaves the others alone", () => {
    const found = way("dwcp-manager", "zero");
    assert.deepEqual(found.at(-1), ["dwcp-manager", "zero", "prep", 1]);
    assert.deepEqual(found.map(([name]) => name).sort(), ["dwcp-compression", "dwcp-manager", "dwcp-probft"]);
    assert.ok(found.every(([, to, phase]) => to === "zero" && phase === "prep"));
  });

  it("to the previous phase takes only those along that would be above it, and ends no attempt", () => {
    assert.deepEqual(way("dwcp-manager", "previous"), [
      ["dwcp-compression", "previous", "canary-5", undefined],
      ["dwcp-manager", "previous", "canary-5", undefined],
    ]);
  });

  it("takes a follower all the way down where its previous phase is still too high", () => {
    const all = { ...rollouts, "dwcp-compression": at("dwcp-compression", "watch") };
    assert.deepEqual(way("dwcp-manager", "previous", all)[0], ["dwcp-compression", "zero", "prep", 1]);
  });

  it("is planned the same way again after it was interrupted", () => {
    const status = { aborted: aborted() };
    const half = { ...rollouts, "dwcp-compression": at("dwcp-compression", "half", status) };
    assert.deepEqual(way("dwcp-manager", "zero", half), way("dwcp-manager", "zero"));
  });

  it("has nothing to take back where everybody is on stable, or where there is no Rollout", () => {
    assert.deepEqual(way("wdbx", "zero", { wdbx: { rollout: live(settled()) } }), []);
    assert.deepEqual(way("wdbx", "zero", {}), []);
  });

  it("stays at the first phase from there", () => {
    assert.deepEqual(way("wdbx", "previous", { wdbx: at("wdbx", "prep") }), [["wdbx", "previous", "prep", undefined]]);
  });
});
