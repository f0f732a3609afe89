import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/paths.ts";
import { parseCalendar } from "../../../rollout/guard/calendar.ts";

const parse = (text: string) => parseCalendar(text, "calendar.yaml");

describe("the shared calendar", () => {
  it("that is delivered can be read", () => {
    const file = "policies/guard/calendar.yaml";
    assert.deepEqual(parseCalendar(readFileSync(join(root, file), "utf8"), file), { freezes: [], windows: [] });
  });

  it("takes lengths as people write them, and scopes", () => {
    const { freezes } = parse(
      `freezes: [{ name: x, from: "2026-12-20T00:00Z", length: 2d, rule: FREQ=YEARLY, environments: [production], systems: [wdbx] }]\nwindows: []`,
    );
    assert.deepEqual(freezes, [
      {
        name: "x",
        from: "2026-12-20T00:00Z",
        length: 172_800,
        rule: "FREQ=YEARLY",
        environments: ["production"],
        systems: ["wdbx"],
      },
    ]);
  });

  const bad: [string, string, RegExp][] = [
    ["has no windows", "freezes: []", /calendar\.yaml: windows: /],
    ["has a list twice", "freezes: []\nfreezes: []\nwindows: []", /calendar\.yaml: .*unique/i],
    ["has a key that nobody knows", "freezes: []\nwindows: []\nholidays: []", /Unrecognized key/],
    [
      "names a system that isn't there",
      `freezes: [{ name: x, from: "2026-12-20T00:00Z", length: 2d, systems: [wdbxx] }]\nwindows: []`,
      /freezes\.0\.systems/,
    ],
    [
      "has a time without its offset",
      `freezes: [{ name: x, from: "2026-12-20T00:00", length: 2d }]\nwindows: []`,
      /offset from UTC/,
    ],
    [
      "has a length without a unit",
      `freezes: [{ name: x, from: "2026-12-20T00:00Z", length: 2 }]\nwindows: []`,
      /freezes\.0\.length/,
    ],
    [
      "has a rule that never comes true",
      `freezes: [{ name: x, from: "2026-12-20T00:00Z", length: 2d, rule: FREQ=HOURLY }]\nwindows: []`,
      /FREQ/,
    ],
    ["is empty", "", /the document/],
  ];
  for (const [what, text, message] of bad) {
    it(`is refused when it ${what}`, () => assert.throws(() => parse(text), message));
  }
});
