import { toSeconds } from "../plan/duration.ts";
import type { Communication, Plan, When } from "../plan/model.ts";

export const moments = ["start", "rise", "phase-end", "rollback", "incident", "complete"] as const;
export type Moment = (typeof moments)[number];

/** Who is to hear what until when, because of something that happened. */
export interface Due {
  readonly communication: Communication;
  /** Left out where the plan names no deadline. */
  readonly until?: Date;
}

/** What a moment sets off, the most urgent first. */
export function dueOn(plan: Plan, moment: Moment, at: Date): Due[] {
  const due = plan.communications.flatMap((communication): Due[] => {
    const { when } = communication;
    if (!("on" in when) || when.on !== moment) return [];
    return [{ communication, ...(when.within && { until: later(at, toSeconds(when.within)) }) }];
  });
  return due.sort(
    (a, b) => (a.until?.getTime() ?? Number.POSITIVE_INFINITY) - (b.until?.getTime() ?? Number.POSITIVE_INFINITY),
  );
}

/** When a notice has to be out; nothing for what isn't a notice. */
export function noticeUntil(when: When, start: Date): Date | undefined {
  return "before" in when && when.before === "start" ? later(start, -toSeconds(when.by)) : undefined;
}

const later = (at: Date, seconds: number): Date => new Date(at.getTime() + seconds * 1000);

export function whenText(when: When): string {
  if ("every" in when) return `every ${when.every}`;
  if ("daily" in when) return `daily at ${when.daily.join(" and ")} (${when.timezone})`;
  if ("weekly" in when) return "weekly";
  if ("before" in when) return `${when.by} before ${when.before === "start" ? "the start" : "each transition"}`;
  const on = {
    start: "at the start",
    rise: "at each rise",
    "phase-end": "when a phase ends",
    rollback: "after a rollback",
    incident: "at an incident",
    complete: "when all is done",
  };
  const within =
    when.within === undefined ? "" : toSeconds(when.within) === 0 ? ", at once" : `, within ${when.within}`;
  return `${on[when.on]}${within}`;
}

export interface Facts {
  readonly from?: string;
  readonly to?: string;
  readonly reason?: string;
}

/** The message, as far as the plan words it; what the facts don't say stays a blank to fill in. */
export function messageText(plan: Plan, { subject, body, what }: Communication, facts: Facts = {}): string {
  const known: Record<string, string | undefined> = { X: facts.from, Y: facts.to, Reason: facts.reason };
  const filled = (text: string) => text.replaceAll(/\[(\w+)\]/g, (blank, name: string) => known[name] ?? blank);
  const fallback = `${plan.title}: ${what}.${facts.reason ? `\nReason: ${facts.reason}` : ""}`;
  return `Subject: ${filled(subject ?? plan.title)}\n\n${filled(body ?? fallback).trimEnd()}\n`;
}
