import assert from "node:assert/strict";
import fc from "fast-check";
import { formatInstant, parseInstant } from "../../../rollout/schedule/instant.ts";
import { type Calendar, mayRise, type PhaseClock, soakEnd } from "../../../rollout/schedule/may-rise.ts";
import { type Period, parsePeriod } from "../../../rollout/schedule/period.ts";

const at = (text: string): number => parseInstant(text).at;
const hour = 3600;
const day = 86_400;
const none: Calendar = { freezes: [], windows: [] };
const weekend: Period = {
  name: "weekend",
  from: "2026-01-02T15:00-08:00",
  length: 65 * hour,
  rule: "FREQ=WEEKLY;BYDAY=FR",
};
const holidays: Period = { name: "holidays", from: "2026-12-20T00:00+01:00", length: 15 * day };
const office: Period = {
  name: "office hours",
  from: "2026-01-01T09:00+01:00",
  length: 8 * hour,
  rule: "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
};

describe("a moment", () => {
  it("is read with its offset and refused without one", () => {
    assert.equal(at("2026-03-01T09:00+01:00"), at("2026-03-01T08:00Z"));
    assert.equal(at("2026-03-01T09:00:30-08:00"), at("2026-03-01T17:00:30Z"));
    for (const wrong of [
      "2026-03-01T09:00",
      "2026-03-01",
      "2026-02-30T09:00Z",
      "2026-03-01T24:00Z",
      "2026-03-01T09:00+15:00",
      "2026-03-01T09:00+14:30",
      "2026-03-01T09:00 Europe/Berlin",
      "2026-03-01T09:00+01:60",
    ]) {
      assert.throws(() => parseInstant(wrong), /write it like/, wrong);
    }
  });

  it("reads back what was written in UTC", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60_000_000 }), (minutes) =>
        assert.equal(at(formatInstant(minutes * 60)), minutes * 60),
      ),
    );
  });
});

describe("a freeze", () => {
  it("that comes every week is frozen in its own offset, to the second", () => {
    const rise = (text: string): boolean => mayRise({ ...none, freezes: [weekend] }, undefined, at(text)).allowed;
    assert.ok(rise("2026-03-06T14:59:59-08:00"));
    assert.ok(!rise("2026-03-06T15:00:00-08:00"));
    assert.ok(!rise("2026-03-09T07:59:59-08:00"));
    assert.ok(rise("2026-03-09T08:00:00-08:00"));
  });

  it("once says until when, and when a rise may happen again", () => {
    const { allowed, reasons, next } = mayRise({ ...none, freezes: [holidays] }, undefined, at("2026-12-24T18:00Z"));
    assert.ok(!allowed);
    assert.deepEqual(reasons, ["frozen by holidays until 2027-01-03T23:00Z"]);
    assert.equal(next, at("2027-01-03T23:00Z"));
  });

  it("that ends inside another one goes on until that ends", () => {
    const { next } = mayRise({ ...none, freezes: [holidays, weekend] }, undefined, at("2027-01-01T12:00Z"));
    assert.equal(next, at("2027-01-04T08:00-08:00"));
  });

  it("counts days where it was written, not in UTC", () => {
    const monday = parsePeriod({
      name: "mondays",
      from: "2026-01-05T00:00+13:00",
      length: day,
      rule: "FREQ=WEEKLY;BYDAY=MO",
    });
    assert.deepEqual(monday.covering(at("2026-03-01T12:00Z")), {
      from: at("2026-03-02T00:00+13:00"),
      to: at("2026-03-03T00:00+13:00"),
    });
    assert.equal(monday.covering(at("2026-03-02T12:00Z")), undefined);
  });
});

describe("a window", () => {
  const calendar: Calendar = { freezes: [], windows: [office] };
  it("is the only time for a rise, and the next one is named", () => {
    assert.ok(mayRise(calendar, undefined, at("2026-03-02T09:00+01:00")).allowed);
    const { allowed, reasons, next } = mayRise(calendar, undefined, at("2026-03-06T17:00+01:00"));
    assert.ok(!allowed);
    assert.deepEqual(reasons, ["outside of office hours; the next one opens at 2026-03-09T08:00Z"]);
    assert.equal(next, at("2026-03-09T09:00+01:00"));
  });

  it("that is frozen whenever it's open never comes, and that is said", () => {
    const always: Period = { name: "stop", from: "2026-01-01T00:00Z", length: 5 * 366 * day };
    assert.equal(mayRise({ windows: [office], freezes: [always] }, undefined, at("2026-03-02T10:00Z")).next, undefined);
  });

  it("that is over says that none is coming", () => {
    const past: Period = { name: "the night", from: "2026-01-01T00:00Z", length: hour };
    assert.match(
      mayRise({ windows: [past], freezes: [] }, undefined, at("2026-03-02T10:00Z")).reasons[0]!,
      /none is coming/,
    );
  });
});

describe("a phase", () => {
  const phase: PhaseClock = {
    startedAt: at("2026-03-02T10:00Z"),
    soakSeconds: 48 * hour,
    extendSeconds: 0,
    lostSeconds: 0,
    hold: false,
  };

  it("has to last its soak, with what was added and what didn't count", () => {
    const now = at("2026-03-04T09:59Z");
    assert.ok(!mayRise(none, phase, now).allowed);
    assert.ok(mayRise(none, phase, now + 60).allowed);
    const longer = { ...phase, extendSeconds: 7 * day, lostSeconds: hour };
    assert.equal(soakEnd(longer), at("2026-03-11T11:00Z"));
    const { reasons, next } = mayRise(none, longer, now);
    assert.equal(next, at("2026-03-11T11:00Z"));
    assert.match(
      reasons[0]!,
      /^the phase lasts until 2026-03-11T11:00Z \(168 h of it added by a person, 1 h of it for time that didn't count\)/,
    );
  });

  it("on hold waits for a person, not for a time", () => {
    const { allowed, reasons, next } = mayRise(none, { ...phase, hold: true }, at("2026-04-01T00:00Z"));
    assert.ok(!allowed);
    assert.match(reasons[0]!, /on hold/);
    assert.equal(next, undefined);
  });

  it("that ends in a freeze goes on until the window after it", () => {
    const calendar: Calendar = { freezes: [weekend], windows: [office] };
    const { next } = mayRise(calendar, { ...phase, startedAt: at("2026-03-05T10:00Z") }, at("2026-03-05T11:00Z"));
    assert.equal(next, at("2026-03-10T09:00+01:00"));
  });
});

describe("the next moment for a rise", function () {
  this.timeout(30_000);
  const period = fc.record({
    name: fc.constant("p"),
    from: fc.integer({ min: 0, max: 60 }).map((shift) => formatInstant(at("2026-01-01T00:00Z") + shift * 7 * hour)),
    length: fc.integer({ min: 1, max: 40 }).map((count) => count * hour),
    rule: fc.constantFrom(undefined, "FREQ=WEEKLY;BYDAY=FR", "FREQ=DAILY;INTERVAL=3", "FREQ=MONTHLY;BYMONTHDAY=1"),
  });
  const periods = fc.array(
    period.map(({ rule, ...rest }): Period => (rule ? { ...rest, rule } : rest)),
    { maxLength: 2 },
  );

  it("is one at which a rise is allowed, and none before it is", () => {
    fc.assert(
      fc.property(periods, periods, fc.integer({ min: 0, max: 2000 }), (freezes, windows, shift) => {
        const now = at("2026-01-01T00:00Z") + shift * hour;
        const { allowed, next } = mayRise({ freezes, windows }, undefined, now);
        if (next === undefined) return;
        assert.equal(allowed, next === now);
        assert.ok(mayRise({ freezes, windows }, undefined, next).allowed);
        for (let back = 1; back <= 5 && next - back * hour >= now; back += 1) {
          assert.ok(!mayRise({ freezes, windows }, undefined, next - back * hour).allowed);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("a rule", () => {
  const parse = (rule: string): unknown => parsePeriod({ name: "freeze", from: "2026-01-01T00:00Z", length: 60, rule });
  const refused: [string, RegExp][] = [
    ["", /has to be NAME=value/],
    ["FREQ", /has to be NAME=value/],
    ["FREQ=NEVER", /needs a FREQ of/],
    ["BYDAY=FR", /needs a FREQ of/],
    ["FREQ=SECONDLY", /needs a FREQ of/],
    ["FREQ=HOURLY", /needs a FREQ of/],
    ["FREQ=DAILY;FREQ=WEEKLY", /has FREQ twice/],
    ["FREQ=DAILY;INTERVAL=0", /INTERVAL that isn't/],
    ["FREQ=DAILY;DTSTART=20260101T000000Z", /has DTSTART; known are/],
    ["FREQ=DAILY;TZID=Europe/Berlin", /has TZID/],
    ["FREQ=DAILY;UNTIL=2026", /UNTIL that isn't/],
    ["FREQ=WEEKLY;BYDAY=XX", /can't be read|never comes true/],
    ["FREQ=DAILY;UNTIL=20250101T000000Z", /never comes true/],
  ];
  for (const [rule, pattern] of refused) {
    it(`is refused when it is ${JSON.stringify(rule)}`, () =>
      assert.throws(
        () => parse(rule),
        (error: Error) => error.message.startsWith("freeze: ") && pattern.test(error.message),
      ));
  }

  it("needs a length", () => {
    assert.throws(() => parsePeriod({ name: "freeze", from: "2026-01-01T00:00Z", length: 0 }), /its length is 0 s/);
  });
});
