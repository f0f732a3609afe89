import { exposedSegments } from "../exposure/segments.ts";
import type { SystemName } from "../plan/systems.ts";
import { isSettled, type Outcome, positionOf, type RolloutSpec } from "../transitions/model.ts";
import { reasonsAgainstPass } from "../transitions/phase-end.ts";
import { abortOf } from "./abort.ts";
import { combined, type Evidence, judgeCriteria, pulledTriggers } from "./criteria.ts";
import { isAtTarget } from "./effective.ts";
import {
  type AnalyzerStatus,
  type DatedPass,
  instantOf,
  type Seen,
  type SeriesByName,
  secondsOf,
  type Verdict,
  type Watched,
} from "./model.ts";
import { grown, placed, recordedScope, scopeOf, soakSeries, within } from "./series.ts";
import { soaked } from "./soak.ts";

/**
 * What is to be said of a Rollout after one more look at it. Everything that it rests on is in the status or can be seen
 * again, so it makes no difference who looks, how often, or who was restarted in between.
 */
export function nextStatus(watched: Watched, seen: Seen): AnalyzerStatus {
  const { spec, status, generation } = watched;
  const aborted = abortOf(watched, seen.now);
  const live = { spec, status: { ...status, aborted } };
  const onTarget = isAtTarget(live, seen.effective, seen.isMirrored) && seen.isProgrammed;
  const base = {
    observedStep: spec.step,
    observedGeneration: generation,
    artifact: shortName(spec.artifact),
    effective: seen.effective,
    effectivePercent: isSettled(spec) ? 100 : Math.max(0, ...Object.values(seen.effective)),
    onTarget,
    ...(aborted ? { aborted } : {}),
  };
  if (positionOf(spec).at !== "phase") {
    return { ...base, passed: ofAttempt(watched), verdict: said(status.verdict, settledWord, seen), complete: false };
  }
  const course = courseOf(watched, seen, onTarget && !aborted);
  const { outcome, reason, passed, pulled } = judged(watched, seen, course, { onTarget, aborted });
  const next: AnalyzerStatus = {
    ...base,
    phase: spec.phase,
    ...(course.startedAt === undefined ? {} : { phaseStartedAt: instantOf(course.startedAt) }),
    windows: course.windows,
    passed,
    verdict: said(status.verdict, { outcome, reason }, seen),
    complete: passed.some(({ phase }) => phase === spec.phases.at(-1)!.name) && !aborted,
  };
  if (!pulled) return next;
  const ended = { spec, status: { ...status, aborted: pulled } };
  return { ...next, aborted: pulled, onTarget: isAtTarget(ended, seen.effective, seen.isMirrored) };
}

const settledWord = { outcome: "Passed" as Outcome, reason: "settled: everybody has it" };

/** How long a phase has run, and what was counted in it. */
interface Course {
  /** Undefined until the data plane carries what the phase says. */
  readonly startedAt: number | undefined;
  /** Of the whole status. */
  readonly windows: SeriesByName;
  /** Of this phase alone. */
  readonly own: SeriesByName;
  readonly recorded: SeriesByName;
}

function courseOf({ spec, status }: Watched, seen: Seen, isCalm: boolean): Course {
  const scope = scopeOf(spec);
  const known = within(scope, status.windows);
  const recorded = recordedOf(spec, status.windows);
  const kept = placed(recordedScope(spec), recorded);
  const hasBegun = soakSeries in known && status.phaseStartedAt !== undefined;
  if (!hasBegun && !isCalm) return { startedAt: undefined, windows: kept, own: {}, recorded };
  const startedAt = hasBegun ? secondsOf(status.phaseStartedAt!) : seen.now;
  // What an attempt that is over has shown stays as it is: it is the evidence.
  const own = isCalm ? grown({ [soakSeries]: [], ...known }, seen.windows, startedAt, seen.now) : known;
  return { startedAt, windows: { ...kept, ...placed(scope, own) }, own, recorded };
}

/** What stable counted beside the last canary: of the phase that was left, or of one before it. */
function recordedOf(spec: RolloutSpec, windows: SeriesByName = {}): SeriesByName {
  const before = within(recordedScope(spec), windows);
  const left = Object.keys(windows).filter(
    (name) =>
      name.startsWith(`${spec.attempt}/`) &&
      !name.startsWith(`${scopeOf(spec)}/`) &&
      !name.startsWith(`${recordedScope(spec)}/`),
  );
  const stable = left.filter((name) => name.includes(":stable"));
  return { ...before, ...Object.fromEntries(stable.map((name) => [name.split("/")[2]!, windows[name]!])) };
}

interface Calm {
  readonly onTarget: boolean;
  readonly aborted: AnalyzerStatus["aborted"];
}

interface Judged {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly passed: readonly DatedPass[];
  /** A trigger that the counts themselves have pulled. */
  readonly pulled?: AnalyzerStatus["aborted"];
}

function judged(watched: Watched, seen: Seen, course: Course, { onTarget, aborted }: Calm): Judged {
  const { spec, status } = watched;
  const below = passesBelow(watched);
  const own = ownPass(watched);
  if (aborted) return { outcome: "Failed", reason: `${aborted.trigger}: ${aborted.reason}`, passed: below };
  if (!seen.phase) {
    const reason =
      "no plan that the platform lists has this phase as the Rollout describes it; run pulumi up for the platform";
    // What was earned by a plan that a newer platform no longer has was earned.
    return { outcome: "Error", reason, passed: own ? [...below, own] : below };
  }
  const place = spec.phases.find(({ name }) => name === spec.phase)!;
  const needed = place.soakSeconds + spec.extendSeconds;
  const watchedSeconds = soaked(course.own[soakSeries]);
  const evidence = evidenceOf(watched, seen, seen.phase, course, watchedSeconds >= needed);
  const taken = own?.restored || seen.restored;
  if (seen.blind && !own && !taken) return { outcome: "Error", reason: seen.blind, passed: below };
  const [pulled] = course.startedAt === undefined ? [] : pulledTriggers(evidence);
  if (pulled) {
    const abort = { trigger: pulled.trigger.id, reason: pulled.reason, action: pulled.trigger.action };
    const latched = abortOf(watched, seen.now, abort);
    return {
      outcome: "Failed",
      reason: `${abort.trigger}: ${abort.reason}`,
      passed: below,
      ...(latched && { pulled: latched }),
    };
  }
  const { outcome, reason } = seen.blind
    ? { outcome: "Passed" as const, reason: seen.blind }
    : combined(judgeCriteria(evidence));
  if (taken && outcome !== "Failed") {
    const head = own?.evidence ?? seen.restored;
    const pass = own ?? { phase: place.name, revision: spec.revision, attempt: spec.attempt, restored: true };
    const because = `restored by the log that ends with ${head}`;
    return { outcome: "Passed", reason: `${because}; ${reason}`, passed: [...below, { ...pass, evidence: head }] };
  }
  const live = { spec, status: { ...status, observedStep: spec.step, onTarget, aborted: undefined } };
  const against = reasonsAgainstPass(live, {
    verdict: outcome,
    soakedSeconds: watchedSeconds,
    missingEvidence: seen.missingEvidence,
  });
  if (against.length === 0) {
    const { now } = seen;
    const pass = own ?? {
      ...{ phase: place.name, revision: spec.revision, attempt: spec.attempt },
      ...{ from: instantOf(course.startedAt ?? now), to: instantOf(now) },
    };
    return { outcome: "Passed", reason, passed: [...below, pass] };
  }
  // A pass stays while it is only that nothing new is known; what is known to be bad takes it back.
  const voids = outcome === "Failed" || watchedSeconds < needed;
  const waits = against.filter(({ rule }) => rule !== "verdict").map(({ because }) => because);
  return {
    outcome: outcome === "Passed" ? "Running" : outcome,
    reason: [...(outcome === "Passed" ? waits : []), reason, ...(outcome === "Passed" ? [] : waits)].join("; "),
    passed: own && !voids ? [...below, own] : below,
  };
}

function evidenceOf({ spec }: Watched, seen: Seen, phase: Evidence["phase"], course: Course, ended: boolean): Evidence {
  return {
    system: spec.system as SystemName,
    phase,
    series: course.own,
    recorded: course.recorded,
    readings: seen.readings,
    baselines: seen.baselines,
    startedAt: course.startedAt ?? seen.now,
    now: seen.now,
    ended,
    exposed: exposedSegments(spec.phases.find(({ name }) => name === spec.phase)!.exposure),
    isProxied: phase.percent > 0 && (spec.drain?.some(({ resource }) => resource === "httproutes") ?? false),
    isRehearsal: seen.isRehearsal,
    accepted: seen.accepted,
  };
}

const ofAttempt = ({ spec, status }: Watched): DatedPass[] =>
  status.passed.filter(({ attempt, revision }) => attempt === spec.attempt && revision === spec.revision);

/** A step down voids what lies at and above where it lands. */
function passesBelow(watched: Watched): DatedPass[] {
  const { phases, phase } = watched.spec;
  const here = phases.findIndex(({ name }) => name === phase);
  return ofAttempt(watched).filter((pass) => {
    const index = phases.findIndex(({ name }) => name === pass.phase);
    return index >= 0 && index < here;
  });
}

/** The pass of the current phase, if it was earned since this phase was entered. */
function ownPass(watched: Watched): DatedPass | undefined {
  const { spec, status } = watched;
  return status.phase === spec.phase ? ofAttempt(watched).find(({ phase }) => phase === spec.phase) : undefined;
}

/** As long as a status has room for it. */
const longestReason = 500;

function said(
  before: Verdict | undefined,
  { outcome, reason }: { outcome: Outcome; reason: string },
  seen: Seen,
): Verdict {
  const short = reason.length > longestReason ? `${reason.slice(0, longestReason - 1)}…` : reason;
  const since = before?.outcome === outcome && before.since ? before.since : instantOf(seen.now);
  return { outcome, reason: short, since };
}

const shortName = (artifact: string): string => artifact.replace(/^.*@sha256:/, "").slice(0, 12);
