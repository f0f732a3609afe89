import assert from "node:assert/strict";
import { judgeRehearsal, type Rehearsal } from "../../../cli/probes/rollback.ts";
import { dwcpManager } from "../../../stacks/systems/dwcp-manager/plan.ts";

const { rollback } = dwcpManager;
const judge = (over: Partial<Rehearsal> = {}) =>
  judgeRehearsal({ latched: 0.01, down: 0.4, silent: 3, problems: [], ...over }, rollback);

describe("a rehearsal of the way back", () => {
  it("holds when users are back and requests have ended in the plan's time", () => {
    const { holds, said, figures } = judge();
    assert.ok(holds, said);
    assert.deepEqual(figures, { "latched-s": 0.01, "users-back-s": 0.4, "last-request-s": 3 });
  });

  it("doesn't hold when it takes longer than the plan allows", () => {
    assert.match(judge({ down: 1000 }).said, /^1000\.0 s are more than the \w+ that are allowed/);
    assert.ok(!judge({ silent: 1000 }).holds);
  });

  it("doesn't hold when a route was never seen down, or something went wrong", () => {
    assert.ok(!judge({ down: undefined, silent: undefined }).holds);
    assert.ok(!judge({ problems: ["the Rollout has no drain actions"] }).holds);
  });

  it("says where nobody counted requests", () => {
    assert.match(judge({ silent: undefined }).said, /requests weren't counted$/);
  });
});
