import { toSeconds } from "../rollout/plan/duration.ts";
import type { Phase } from "../rollout/plan/model.ts";

const day = 86_400;

export interface PhaseDays {
  /** Days after the plan's start. */
  from: number;
  to: number;
}

/** When each phase begins and ends at the earliest: not before its slot, not before the one before it has soaked. */
export function phaseDays(phases: readonly Phase[]): PhaseDays[] {
  let free = 0;
  return phases.map(({ slot, minDuration }) => {
    const from = Math.max(free, slot?.fromDay ?? 0);
    free = from + toSeconds(minDuration) / day;
    return { from, to: free };
  });
}

/** A date without a time becomes midnight UTC; undefined when it is none. */
export function parseDate(text: string): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)$/.exec(text);
  const date = new Date(`${match?.[1]}T00:00:00Z`);
  return match && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text) ? date : undefined;
}

/** A date where the start is known, else the day counted from it: `2026-12-03` or `day 2`. */
export function dayText(days: number, start: Date | undefined): string {
  if (!start) return `day ${Number(days.toFixed(1))}`;
  return new Date(start.getTime() + days * day * 1000).toISOString().slice(0, 10);
}
