import assert from "node:assert/strict";
import { expectedIds } from "../../../rollout/ledger/expected.ts";
import { rampart } from "./run.ts";

describe("rampart ledger", function () {
  this.timeout(20_000);

  it("says of every requirement what makes it hold, and where", () => {
    const { code, stdout, stderr } = rampart(["ledger", "--json"]);
    assert.deepEqual([code, stderr], [0, ""]);
    const rows = JSON.parse(stdout);
    assert.deepEqual(Object.keys(rows), [...expectedIds]);
    for (const { kind, what, target } of Object.values<Record<string, unknown>>(rows)) {
      assert.ok(kind && what && target);
    }
  });

  it("shows those of one kind, or those that still wait", () => {
    const runbooks = rampart(["ledger", "--kind", "runbook"]).stdout.trimEnd().split("\n");
    const [head, ...lines] = runbooks.slice(0, -1);
    assert.match(head!, /^requirement +kind +what +where$/);
    assert.ok(lines.length > 0 && lines.every((line) => /^(S\d-\d+ +runbook| )/.test(line)));
    const waiting = JSON.parse(rampart(["ledger", "--waiting", "--json"]).stdout);
    assert.ok(Object.values<{ target: object }>(waiting).every(({ target }) => "waitsFor" in target));
  });
});
