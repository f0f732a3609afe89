import { formatInstant } from "./instant.ts";
import { type Period, parsePeriod, type Recurrence } from "./period.ts";

/** When rises are allowed: never in a freeze; if there are windows, only in one of them. Downs never ask. */
export interface Calendar {
  freezes: readonly Period[];
  windows: readonly Period[];
}

export interface PhaseClock {
  /** Seconds since 1970. */
  startedAt: number;
  soakSeconds: number;
  /** What a person has added. */
  extendSeconds: number;
  /** Time that doesn't count: blind, unhealthy, or with the wrong share of traffic. */
  lostSeconds: number;
  /** A person has stopped the climb. */
  hold: boolean;
}

export interface RiseAnswer {
  allowed: boolean;
  /** Every reason why not now. */
  reasons: string[];
  /** The first moment at which nothing in the calendar and the soak is in the way; undefined if a person is, or none was found. */
  next: number | undefined;
}

/** Looking further ahead than this is guessing. */
const horizon = 366 * 86_400;

export const soakEnd = ({ startedAt, soakSeconds, extendSeconds, lostSeconds }: PhaseClock): number =>
  startedAt + soakSeconds + extendSeconds + lostSeconds;

export function mayRise(calendar: Calendar, phase: PhaseClock | undefined, now: number): RiseAnswer {
  const freezes = calendar.freezes.map(parsePeriod);
  const windows = calendar.windows.map(parsePeriod);
  const reasons = [...againstPhase(phase, now), ...againstCalendar(freezes, windows, now)];
  if (reasons.length === 0) return { allowed: true, reasons, next: now };
  const next = phase?.hold
    ? undefined
    : firstFree(freezes, windows, Math.max(now, phase ? soakEnd(phase) : now), now + horizon);
  return { allowed: false, reasons, next };
}

function againstPhase(phase: PhaseClock | undefined, now: number): string[] {
  if (!phase) return [];
  const reasons: string[] = [];
  if (phase.hold) reasons.push("on hold; take `hold` out of the config to go on");
  const end = soakEnd(phase);
  if (now < end) {
    const extra = [
      phase.extendSeconds > 0 ? `${hours(phase.extendSeconds)} of it added by a person` : "",
      phase.lostSeconds > 0 ? `${hours(phase.lostSeconds)} of it for time that didn't count` : "",
    ].filter(Boolean);
    const detail = extra.length > 0 ? ` (${extra.join(", ")})` : "";
    reasons.push(`the phase lasts until ${formatInstant(end)}${detail}, ${hours(end - now)} from now`);
  }
  return reasons;
}

function againstCalendar(freezes: readonly Recurrence[], windows: readonly Recurrence[], now: number): string[] {
  const reasons = freezes.flatMap((freeze) => {
    const span = freeze.covering(now);
    return span ? [`frozen by ${freeze.name} until ${formatInstant(span.to)}`] : [];
  });
  if (windows.length > 0 && !windows.some((window) => window.covering(now))) {
    const opening = earliest(windows.map((window) => window.nextAfter(now)));
    const when = opening === undefined ? "none is coming" : `the next one opens at ${formatInstant(opening)}`;
    reasons.push(`outside of ${windows.map(({ name }) => name).join(" and ")}; ${when}`);
  }
  return reasons;
}

/** Jumps from obstacle to obstacle: out of a freeze at its end, into a window at its opening. */
function firstFree(
  freezes: readonly Recurrence[],
  windows: readonly Recurrence[],
  from: number,
  until: number,
): number | undefined {
  let at = from;
  for (let jumps = 0; jumps < 2000 && at <= until; jumps += 1) {
    const frozen = Math.max(
      Number.NEGATIVE_INFINITY,
      ...freezes.map((freeze) => freeze.covering(at)?.to ?? Number.NEGATIVE_INFINITY),
    );
    if (frozen > at) {
      at = frozen;
      continue;
    }
    if (windows.length === 0 || windows.some((window) => window.covering(at))) return at;
    const opening = earliest(windows.map((window) => window.nextAfter(at)));
    if (opening === undefined) return undefined;
    at = opening;
  }
  return undefined;
}

function earliest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

const hours = (seconds: number): string => `${Number((seconds / 3600).toFixed(1))} h`;
