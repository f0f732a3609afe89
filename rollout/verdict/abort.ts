import { lower } from "../exposure/exposure.ts";
import { currentAbort, isSettled, type LiveRollout } from "../transitions/model.ts";
import { type DatedAbort, instantOf, type KnownStatus, secondsOf, type Watched } from "./model.ts";

/** Something that ends an attempt: a trigger that was pulled, or a person. */
export interface Ending {
  readonly trigger: string;
  readonly reason: string;
  readonly action: "zero" | "previous-phase";
}

/** One alert, by webhook or by query; what isn't a trigger of a plan has been left out. */
export interface TriggerAlert extends Ending {
  readonly system: string;
  /** Whose it is; empty where the rule didn't know. */
  readonly attempt: string;
  readonly revision: string;
  readonly phases: readonly string[];
  /** When it began, in seconds since 1970, as far as that was said. */
  readonly since?: number;
}

/** Why an alert doesn't end this attempt; undefined when it does. */
export function whyNot(alert: TriggerAlert, { spec, status }: Pick<Watched, "spec" | "status">): string | undefined {
  if (isSettled(spec)) return "the system is settled";
  if (!isOfNow(alert, status)) {
    if (alert.attempt !== String(spec.attempt))
      return `it is about attempt ${alert.attempt || "unknown"}, this is ${spec.attempt}`;
    if (alert.revision !== spec.revision)
      return `it is about revision ${alert.revision || "unknown"}, this is ${spec.revision}`;
  }
  if (!alert.phases.includes(spec.phase ?? "")) return `it isn't armed in ${spec.phase}`;
  return currentAbort({ spec, status }) && alert.action === "previous-phase"
    ? "the attempt is over already"
    : undefined;
}

/**
 * Prometheus names no attempt while it hears of none, as when it can't reach the analyzers. What began after the phase
 * did is about it all the same.
 */
function isOfNow({ attempt, revision, since }: TriggerAlert, { phaseStartedAt }: KnownStatus): boolean {
  if (attempt !== "" || revision !== "" || since === undefined || phaseStartedAt === undefined) return false;
  return since >= secondsOf(phaseStartedAt);
}

/** Where it takes the exposure: nowhere, or to that of the phase before. */
export function abortTarget({ spec }: LiveRollout, action: Ending["action"]): DatedAbort["to"] {
  const nobody = spec.phases[0]!.exposure;
  if (action === "zero") return nobody;
  const index = spec.phases.findIndex(({ name }) => name === spec.phase);
  return spec.phases[index - 1]?.exposure ?? nobody;
}

/** The latch of this attempt: it stays, its target only goes down, and that of an earlier attempt is no longer said. */
export function abortOf(watched: Watched, now: number, ending?: Ending): DatedAbort | undefined {
  const before = currentAbort(watched) as DatedAbort | undefined;
  if (before?.at !== undefined) {
    return ending ? { ...before, to: lower(before.to, abortTarget(watched, ending.action)) } : before;
  }
  // A person's wish has no date until it is written, and it means everybody.
  const pulled = before ? { ...before, action: "zero" as const } : ending;
  if (!pulled || isSettled(watched.spec)) return undefined;
  const { trigger, reason, action } = pulled;
  return {
    attempt: watched.spec.attempt,
    at: instantOf(now),
    trigger,
    reason: reason.slice(0, 500),
    to: abortTarget(watched, action),
  };
}

/** Which of a Rollout's drain actions get it there. */
export const drainsTo = (to: DatedAbort["to"]): "zero" | "previous" =>
  Object.values(to).some((percent) => percent > 0) ? "previous" : "zero";
