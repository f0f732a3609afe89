const form = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(Z|[+-]\d\d:\d\d)$/;

/** A moment and the offset from UTC that it was written with, in seconds. */
export interface Instant {
  at: number;
  offset: number;
}

/**
 * A time with its offset: `2026-12-20T18:00+01:00` or `…Z`. Without an offset it's refused, since it would mean something
 * else on every machine. Zones with summer time are not taken: a plan that shifts by an hour twice a year isn't a plan.
 */
export function parseInstant(text: string): Instant {
  const match = form.exec(text);
  const refuse = (why: string): never => {
    throw new RangeError(`${JSON.stringify(text)} ${why}; write it like 2026-12-20T18:00+01:00 or 2026-12-20T17:00Z`);
  };
  if (!match) return refuse("is not a time with its offset from UTC");
  const [, date, minutes, seconds = ":00", zone] = match;
  const offset = zone === "Z" ? 0 : offsetOf(zone!);
  if (offset === undefined) return refuse("has an offset that no place on earth has");
  const local = Date.parse(`${date}T${minutes}${seconds}Z`) / 1000;
  if (Number.isNaN(local) || !new Date(local * 1000).toISOString().startsWith(`${date}T${minutes}${seconds}`)) {
    return refuse("is no day or time that exists");
  }
  return { at: local - offset, offset };
}

function offsetOf(zone: string): number | undefined {
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))];
  if (hours > 14 || minutes > 59 || (hours === 14 && minutes > 0)) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}

export const formatInstant = (seconds: number): string => `${new Date(seconds * 1000).toISOString().slice(0, 16)}Z`;
