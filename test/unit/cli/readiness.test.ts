import assert from "node:assert/strict";
import { readinessItems } from "../../../rollout/readiness/readiness.ts";
import { rampart } from "./run.ts";

describe("rampart readiness", function () {
  this.timeout(20_000);

  it("counts the items of every system", () => {
    const { code, stdout } = rampart(["readiness"]);
    assert.equal(code, 0);
    const mine = readinessItems.filter(({ systems }) => systems.includes("wdbx"));
    const proven = mine.filter((item) => item.class === "P").length;
    assert.match(stdout, new RegExp(`^wdbx +${mine.length} +\\d+ +${proven} +\\d+$`, "m"));
    assert.match(stdout, new RegExp(`^${readinessItems.length} items in all`, "m"));
  });

  it("lists one system's items with who signs them, by phase, class and role", () => {
    const { stdout } = rampart(["readiness", "wdbx"]);
    const wdbx = readinessItems.filter(({ systems }) => systems.includes("wdbx"));
    for (const { id } of wdbx) assert.match(stdout, new RegExp(`^${id} `, "m"));
    const { role, phase } = wdbx.find((item) => item.class === "A")!;
    const some = JSON.parse(
      rampart(["readiness", "wdbx", "--class", "A", "--role", role!, "--phase", phase, "--json"]).stdout,
    );
    assert.deepEqual(
      some,
      wdbx.filter(
        (item) => item.role === role && item.phase === phase && [item.class, item.and, item.or].includes("A"),
      ),
    );
    assert.notEqual(some.length, 0);
  });

  it("gives scripts an array of all items", () => {
    assert.deepEqual(JSON.parse(rampart(["readiness", "--json"]).stdout), readinessItems);
  });

  it("says when a phase has no items", () => {
    const { code, stderr } = rampart(["readiness", "wdbx", "--phase", "canary-6"]);
    assert.equal(code, 2);
    assert.match(stderr, /no item belongs to phase canary-6; there are .*canary-5/);
  });
});
