import { toSeconds } from "../plan/duration.ts";
import type { Condition, Criterion, Phase, Trigger } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";
import { usualAlpha } from "../statistics/alpha.ts";
import { alphasOf, judgeCriterion, judgeTrigger, type Measured } from "../statistics/condition.ts";
import type { Judgement, Rules } from "../statistics/judgement.ts";
import type { Range } from "../statistics/quantile.ts";
import { type Series, totalOf, type Window } from "../statistics/windows.ts";
import { followed, gaugeName, isReported, tested } from "./conditions.ts";
import type { Seen } from "./model.ts";
import { bucketsOf, quantileOnRecord } from "./on-record.ts";
import { partsOf, segmentPart, seriesName, type TrackName } from "./series.ts";

/** What has been counted and read of the phase that is judged. */
export interface Evidence {
  readonly system: SystemName;
  readonly phase: Phase;
  /** Of this phase, by the rest of their name. */
  readonly series: Readonly<Record<string, Series>>;
  /** Of stable, when it last had traffic beside a canary. */
  readonly recorded: Readonly<Record<string, Series>>;
  readonly readings: Seen["readings"];
  readonly baselines: Seen["baselines"];
  readonly startedAt: number;
  readonly now: number;
  /** The soak is over. */
  readonly ended: boolean;
  /** Those of several segments in which somebody has the canary. */
  readonly exposed: readonly string[];
  /** Requests come through the proxy, so it has to have seen them. */
  readonly isProxied: boolean;
  readonly isRehearsal: boolean;
  readonly accepted: Seen["accepted"];
}

export interface Judged {
  readonly id: string;
  readonly judgement: Judgement;
}

/** A handful decides nothing, whatever a plan forgot to say. */
const fewest = { trials: 50 };

/** Every criterion, each view of the same requests by itself: a canary that counts its own success proves nothing. */
export function judgeCriteria(evidence: Evidence): Judged[] {
  const { phase, system, isRehearsal } = evidence;
  const asked = phase.criteria.filter((one) => !(isRehearsal && isReported(one, system)));
  const alpha = usualAlpha / Math.max(1, asked.length);
  return asked.map((criterion) => ({
    id: criterion.id,
    judgement: taken(criterion, judgeOne(criterion, evidence, alpha, judgeCriterion), evidence),
  }));
}

/** What is left open may be accepted by signature; what is shown to be bad may not, nor what tolerates nothing. */
function taken({ id, zeroTolerance }: Criterion, judgement: Judgement, { accepted }: Evidence): Judgement {
  if (judgement.outcome !== "Inconclusive" || zeroTolerance || !accepted.includes(id)) return judgement;
  return { ...judgement, outcome: "Passed", reason: `${judgement.reason}, which was accepted by signature` };
}

/** Triggers that rest on counts, tested at every look; Failed means that the trigger is pulled. */
export function pulledTriggers(evidence: Evidence): { trigger: Trigger; reason: string }[] {
  const { phase, system } = evidence;
  const alphas = alphasOf(phase.triggers);
  return tested(phase, system).flatMap((trigger) => {
    const { outcome, reason } = judgeOne(trigger, evidence, alphas[trigger.id]!, judgeTrigger);
    return outcome === "Failed" ? [{ trigger, reason }] : [];
  });
}

type Judge = (condition: Condition, measured: Measured, rules: Rules) => Judgement;

function judgeOne(condition: Condition, evidence: Evidence, alpha: number, judge: Judge): Judgement {
  const { system, startedAt, now, ended } = evidence;
  const kind = followed(condition, system);
  const span = condition.window ? toSeconds(condition.window) : Number.POSITIVE_INFINITY;
  const rules = { alpha, phaseStart: Math.max(startedAt, now - span), ended, minimum: fewest };
  if (kind === "gauge") return judge({ ...condition, statistic: "level" }, gauge(condition, evidence), rules);
  const counted = againstRecord(condition, evidence);
  const few = kind === "mean" || kind === "count" ? { ...rules, minimum: { trials: 1 } } : rules;
  const parts = kind === "proportion" ? viewsOf(condition, evidence) : [""];
  const segments = condition.bySegment ? evidence.exposed : [];
  // What the record leaves open counts against the canary when passing it and for it when failing it.
  const end = judge === judgeTrigger ? "high" : "low";
  const shared = { ...few, alpha: alpha / (1 + segments.length) };
  const views = parts.map((part) => judge(counted, measuredOf(counted, part, evidence, end), shared));
  const apart = segments.map((segment) => {
    const judgement = judge(counted, measuredOf(counted, segmentPart(segment), evidence, end), shared);
    return { ...judgement, reason: `${segment}: ${judgement.reason}` };
  });
  return [...views, ...apart].toSorted((a, b) => severity[a.outcome] - severity[b.outcome])[0]!;
}

const severity: Readonly<Record<Judgement["outcome"], number>> = { Failed: 0, Inconclusive: 1, Running: 2, Passed: 3 };

/** Where everybody has the new version, nothing is left to compare with but what was recorded. */
function againstRecord<C extends Condition>(condition: C, { phase }: Evidence): C {
  const { against } = condition;
  if (against?.of !== "stable" || phase.percent < 100) return condition;
  return { ...condition, against: { ...against, of: "recorded" } };
}

/** Those that were counted; the proxy's has to be among them wherever it stands before the system. */
function viewsOf({ metric }: Condition, { series, isProxied }: Evidence): string[] {
  const parts = partsOf(metric, series);
  return isProxied && !parts.includes("proxy") ? [...parts, "proxy"] : parts.length > 0 ? parts : ["app"];
}

function measuredOf(condition: Condition, part: string, evidence: Evidence, end: keyof Range): Measured {
  const { metric, against } = condition;
  const { series, recorded, baselines, system } = evidence;
  const of = (track: TrackName, from = series): Series | undefined => from[seriesName(metric, track, part)];
  const canary = of("canary") ?? of("system") ?? [];
  switch (followed(condition, system)) {
    case "quantile": {
      const known = against?.of === "recorded" ? quantileOnRecord(metric, recorded, end) : undefined;
      const baseline = known ?? (against && baselines[`${metric} ${against.of}`]);
      return {
        canaryBuckets: bucketsOf(metric, "canary", series),
        stableBuckets: bucketsOf(metric, "stable", series),
        ...(baseline === undefined ? {} : { baseline }),
      };
    }
    case "mean": {
      const stable = of("stable", against?.of === "stable" ? series : recorded) ?? [];
      if (against?.of === "stable") return { canary: compared(canary, stable, against.as), block: 60 };
      const { n, k } = totalOf(stable);
      const baseline = n > 0 ? k / n : against && baselines[`${metric} ${against.of}`];
      return { canary, ...(baseline === undefined ? {} : { baseline }) };
    }
    default:
      return { canary, stable: of("stable") ?? [], recorded: of("stable", recorded) ?? [] };
  }
}

/** Canary against stable, taken at the same moment, so that the time of day drops out. */
function compared(canary: Series, stable: Series, as: "ratio" | "points"): Window[] {
  const others = new Map(stable.map((one) => [`${one.span}:${one.through}`, one]));
  return canary.flatMap((ours) => {
    const theirs = others.get(`${ours.span}:${ours.through}`);
    if (!theirs || ours.n <= 0 || theirs.n <= 0 || (as === "ratio" && theirs.k <= 0)) return [];
    const [one, other] = [ours.k / ours.n, theirs.k / theirs.n];
    const value = as === "ratio" ? one / other : one - other;
    return [{ ...ours, k: value * ours.n }];
  });
}

function gauge(condition: Condition, { readings, baselines, phase }: Evidence): Measured {
  const name = gaugeName(condition);
  const reading = readings[`${name}:canary`] ?? readings[`${name}:system`];
  const { against, metric } = againstRecord(condition, { phase } as Evidence);
  const baseline = against?.of === "stable" ? readings[`${name}:stable`] : baselines[`${metric} ${against?.of}`];
  return { ...(reading === undefined ? {} : { reading }), ...(baseline === undefined ? {} : { baseline }) };
}

/** One outcome of them all: the worst decides, and says why. */
export function combined(judged: readonly Judged[]): { outcome: Judgement["outcome"]; reason: string } {
  const [worst] = judged.toSorted((a, b) => severity[a.judgement.outcome] - severity[b.judgement.outcome]);
  if (!worst) return { outcome: "Passed", reason: "no criterion has to hold" };
  const { outcome } = worst.judgement;
  const same = judged.filter(({ judgement }) => judgement.outcome === outcome);
  const said = same.map(({ id, judgement }) => `${id}: ${judgement.reason}`).join("; ");
  const more = outcome === "Passed" ? "" : ` (${judged.length - same.length} of ${judged.length} criteria better)`;
  return { outcome, reason: `${said}${more}` };
}
