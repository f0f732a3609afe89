import rrule from "rrule";
import { parseInstant } from "./instant.ts";

/** A stretch of time with a name, once or again and again. */
export interface Period {
  name: string;
  /** With its offset. For a period that comes again, its first time; days and hours of the rule are in this offset. */
  from: string;
  /** Seconds. */
  length: number;
  /** RFC 5545, like `FREQ=WEEKLY;BYDAY=FR`; left out for once. */
  rule?: string;
}

export interface Span {
  from: number;
  to: number;
}

export interface Recurrence {
  name: string;
  /** All that cover the moment, as one: from the first one's beginning to the last one's end. */
  covering(at: number): Span | undefined;
  /** The beginning of the first one after the moment. */
  nextAfter(at: number): number | undefined;
}

const known = [
  "FREQ",
  "INTERVAL",
  "COUNT",
  "UNTIL",
  "BYMONTH",
  "BYMONTHDAY",
  "BYDAY",
  "BYHOUR",
  "BYMINUTE",
  "BYSETPOS",
  "BYWEEKNO",
  "BYYEARDAY",
  "WKST",
];
const frequencies = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY"];

export function parsePeriod(period: Period): Recurrence {
  const { name, length, rule } = period;
  if (!(length > 0 && Number.isFinite(length)))
    throw new RangeError(`${name}: its length is ${length} s; it has to be more than 0`);
  const { at: from, offset } = parseInstant(period.from);
  if (rule === undefined) {
    return {
      name,
      covering: (at) => (from <= at && at < from + length ? { from, to: from + length } : undefined),
      nextAfter: (at) => (from > at ? from : undefined),
    };
  }
  const recurrence = parseRule(name, rule, from + offset);
  // The library counts in UTC; shifting the clock by the offset makes its days the days of the place.
  const local = (at: number): Date => new Date((at + offset) * 1000);
  const back = (date: Date): number => date.getTime() / 1000 - offset;
  return {
    name,
    covering: (at) => {
      const starts = recurrence
        .between(local(at - length), local(at), true)
        .map(back)
        .filter((start) => start + length > at);
      return starts.length === 0 ? undefined : { from: Math.min(...starts), to: Math.max(...starts) + length };
    },
    nextAfter: (at) => {
      const next = recurrence.after(local(at), false);
      return next === null ? undefined : back(next);
    },
  };
}

function parseRule(name: string, rule: string, start: number) {
  const refuse = (why: string): never => {
    throw new RangeError(`${name}: the rule ${JSON.stringify(rule)} ${why}`);
  };
  const parts = rule
    .split(";")
    .map(
      (part) => /^([A-Z]+)=(.+)$/.exec(part) ?? refuse("has to be NAME=value;NAME=value, like FREQ=WEEKLY;BYDAY=FR"),
    );
  const names = parts.map(([, key]) => key!);
  for (const [index, key] of names.entries()) {
    if (!known.includes(key)) refuse(`has ${key}; known are ${known.join(", ")}`);
    if (names.indexOf(key) !== index) refuse(`has ${key} twice`);
  }
  const value = (key: string): string | undefined => parts.find(([, found]) => found === key)?.[2];
  if (!frequencies.includes(value("FREQ") ?? "")) refuse(`needs a FREQ of ${frequencies.join(", ")}`);
  if (value("INTERVAL") !== undefined && !/^[1-9]\d{0,3}$/.test(value("INTERVAL")!))
    refuse("has an INTERVAL that isn't a whole number from 1 on");
  if (value("UNTIL") !== undefined && !/^\d{8}T\d{6}Z$/.test(value("UNTIL")!))
    refuse("has an UNTIL that isn't like 20261231T235959Z");
  try {
    const options = rrule.RRule.parseString(rule);
    const recurrence = new rrule.RRule({ ...options, dtstart: new Date(start * 1000) });
    if (recurrence.after(new Date(start * 1000), true) === null) refuse("never comes true");
    return recurrence;
  } catch (error) {
    return error instanceof RangeError
      ? refuse(error.message.split(`${JSON.stringify(rule)} `).at(-1)!)
      : refuse(`can't be read: ${(error as Error).message}`);
  }
}
