import assert from "node:assert/strict";
import { keptForever, keptUntil, wayBackHours, wayBackRefusals } from "../../../rollout/postgres/way-back.ts";

describe("the way back to a cluster that led before", () => {
  const until = keptUntil("2026-11-21T10:00:00Z", wayBackHours);

  it("is open for 72 hours from the move on", () => {
    assert.equal(until, "2026-11-24T10:00:00Z");
    assert.match(wayBackRefusals("old", until, "2026-11-24T09:59:59Z")[0]!, /old has to stay, .* until 2026-11-24T10/);
    assert.deepEqual(wayBackRefusals("old", until, "2026-11-24T10:00:00Z"), []);
  });

  it("is not what keeps a cluster that leads, and none that never led", () => {
    assert.match(wayBackRefusals("old", keptForever, "2030-01-01T00:00:00Z")[0]!, /it leads/);
    assert.deepEqual(wayBackRefusals("new", undefined, "2026-11-21T10:00:00Z"), []);
  });
});
