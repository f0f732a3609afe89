import assert from "node:assert/strict";
import type { LiveRollout } from "../../../rollout/transitions/model.ts";
import { followersOf, leftTooHigh } from "../../../rollout/verdict/dependents.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { aborted, desired, live, settled } from "../transitions/fixture.ts";

const at = (system: string, phase: string, status = {}): LiveRollout => live(desired({ system, phase }), status);
const abort = aborted(0);
const names = (all: readonly { system: string }[]) => all.map(({ system }) => system);

describe("who goes down with a system that was ended", () => {
  const manager = at("dwcp-manager", "half");

  it("is everybody who may not be above it, each by its own attempt, and nobody else", () => {
    const rollouts = {
      "dwcp-manager": manager,
      "dwcp-compression": at("dwcp-compression", "half"),
      "dwcp-probft": at("dwcp-probft", "canary-5"),
      "dwcp-bullshark": live(settled("A", { system: "dwcp-bullshark" })),
      wdbx: at("wdbx", "half"),
    };
    const found = followersOf(manager, abort, plans, rollouts);
    assert.deepEqual(names(found).sort(), ["dwcp-compression", "dwcp-probft"]);
    for (const { ending } of found) {
      assert.match(ending.reason, /^dwcp-manager went down to 0 % \(errors: 5 % failed\), and \S+ is never above it$/);
      assert.equal(ending.trigger, "down-with-dwcp-manager");
    }
  });

  it("goes back one phase where that is low enough, and all the way where it isn't", () => {
    const rollouts = (phase: string) => ({ "dwcp-manager": manager, "dwcp-maddpg": at("dwcp-maddpg", phase) });
    const down = (phase: string) => followersOf(manager, aborted(5), plans, rollouts(phase))[0]!.ending.action;
    assert.equal(down("half"), "previous-phase");
    assert.equal(down("full"), "zero");
    assert.deepEqual(followersOf(manager, aborted(5), plans, rollouts("canary-5")), []);
  });

  it("is found again when whoever ended the system died before it came to the others", () => {
    const ended = at("dwcp-manager", "half", { aborted: abort });
    const follower = at("dwcp-tpbft", "canary-5");
    const both = { "dwcp-manager": ended, "dwcp-tpbft": follower };
    assert.deepEqual(names(leftTooHigh(plans, both)), ["dwcp-tpbft"]);
    const done = at("dwcp-tpbft", "canary-5", { aborted: abort });
    assert.deepEqual(leftTooHigh(plans, { ...both, "dwcp-tpbft": done }), []);
    assert.deepEqual(leftTooHigh(plans, { ...both, "dwcp-manager": manager }), []);
  });
});
