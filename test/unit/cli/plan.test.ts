import assert from "node:assert/strict";
import { dayText, parseDate, phaseDays } from "../../../cli/calendar.ts";
import type { Phase } from "../../../rollout/plan/model.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { rampart } from "./run.ts";

describe("rampart plan", function () {
  this.timeout(20_000);

  it("lists the ten systems with their ladders", () => {
    const { code, stdout } = rampart(["plan"]);
    assert.equal(code, 0);
    const [head, ...rows] = stdout.trimEnd().split("\n");
    assert.match(head!, /^system +exposes by +percent, phase by phase +done by +needs$/);
    for (const { system } of plans) assert.ok(rows.some((row) => row.startsWith(`${system} `)));
    assert.match(stdout, /^wdbx +http-weight +0 5 25 50 100 /m);
  });

  it("gives scripts an array of the ten plans, or one of them", () => {
    const all = JSON.parse(rampart(["plan", "--json"]).stdout);
    assert.equal(all.length, 10);
    const one = JSON.parse(rampart(["plan", "wdbx", "--json"]).stdout);
    assert.deepEqual(
      one,
      all.find((plan: { system: string }) => plan.system === "wdbx"),
    );
  });

  it("shows phases with dates, criteria, triggers and approvals, within 120 columns and without colours", () => {
    for (const system of ["wdbx", "dwcp-maddpg", "dwcp-v3"]) {
      const { code, stdout } = rampart(["plan", system, "--start", "2026-12-01"], undefined, {
        FORCE_COLOR: undefined,
      });
      assert.equal(code, 0, system);
      assert.ok(
        stdout.split("\n").every((line) => line.length <= 120),
        system,
      );
      assert.ok(!stdout.includes("\u001b"), system);
      assert.match(stdout, /^phase +% +from +until +soak +exposure in %$/m);
      assert.match(stdout, /\d{4}-\d\d-\d\d/);
      for (const part of ["passes when", "ends when", "signed by"])
        assert.match(stdout, new RegExp(`^  ${part} `, "m"));
    }
  });

  it("shows the ladder of an environment, and says when there is none", () => {
    assert.match(rampart(["plan", "wdbx", "--environment", "staging"]).stdout, /^staging, normal ladder/m);
    const { code, stderr } = rampart(["plan", "wdbx", "--environment", "staging", "--ladder", "expedited"]);
    const has = plans.find(({ system }) => system === "wdbx")!.ladders.staging.expedited !== undefined;
    assert.equal(code, has ? 0 : 2, stderr);
    assert.equal(rampart(["plan", "wdbx", "--start", "2026-02-30"]).code, 2);
  });
});

describe("the days of a plan", () => {
  const phase = (minDuration: Phase["minDuration"], fromDay?: number) =>
    ({ minDuration, ...(fromDay === undefined ? {} : { slot: { fromDay } }) }) as Phase;
  it("wait for the slot, and for the phase before", () => {
    assert.deepEqual(phaseDays([phase("12h"), phase("2d", 1), phase("1d", 2)]), [
      { from: 0, to: 0.5 },
      { from: 1, to: 3 },
      { from: 3, to: 4 },
    ]);
  });
  it("are dates from a start on, across months and leap days", () => {
    assert.equal(dayText(2, parseDate("2028-02-28")), "2028-03-01");
    assert.equal(dayText(2.25, undefined), "day 2.3");
    assert.equal(parseDate("2027-02-29"), undefined);
    assert.equal(parseDate("tomorrow"), undefined);
  });
});
