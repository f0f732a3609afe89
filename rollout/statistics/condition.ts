import { type MetricName, metrics } from "../plan/metrics.ts";
import type { Condition, Operator, Trigger } from "../plan/model.ts";
import { splitAlpha, usualAlpha } from "./alpha.ts";
import { type Bounds, judgeBoundedMean } from "./bounded-mean.ts";
import { judgeDifference, judgeRatio, judgeRecorded } from "./comparison.ts";
import { decide, figure, type Judgement, type Rules, undecided } from "./judgement.ts";
import { judgeMean } from "./mean.ts";
import { judgeLimit } from "./proportion.ts";
import { type Bucket, judgeQuantileLimit, judgeQuantileRatio } from "./quantile.ts";
import { complement, type Series } from "./windows.ts";

/** What was measured for one condition; which parts are needed follows from its statistic and its baseline. */
export interface Measured {
  /** Of the canary, or of the system where tracks can't be told apart. For a mean against stable: canary over stable. */
  canary?: Series;
  stable?: Series;
  /** What stable counted when it was last measured, or an earlier phase. */
  recorded?: Series;
  /** In the metric's unit, with a bound at the condition's value. */
  canaryBuckets?: readonly Bucket[];
  stableBuckets?: readonly Bucket[];
  /** A figure on record, in the metric's unit. */
  baseline?: number;
  /** Between which values a reading lies, where that is known and narrow. */
  bounds?: Bounds;
  /** Seconds over which readings are averaged before they count as one; see `MeanLimit`. */
  block?: number;
  /** A gauge or its trend, read over the condition's window. */
  reading?: number;
}

const opposite: Record<Operator, Operator> = { "<": ">=", "<=": ">", "==": "==", ">=": "<", ">": "<=" };

/** Whether a criterion is met: Passed only when it's shown. */
export const judgeCriterion = (condition: Condition, measured: Measured, rules: Rules): Judgement =>
  judge(condition, measured, withMinimum(rules, condition));

/** Whether a trigger fires: Failed. Its condition says what is bad, a criterion's what is good. */
export function judgeTrigger(condition: Condition, measured: Measured, rules: Rules): Judgement {
  if (condition.op === "==") throw new RangeError(`${condition.metric}: a trigger needs a side, == has none`);
  return judge({ ...condition, op: opposite[condition.op] }, measured, withMinimum(rules, condition));
}

/** Each trigger's share of a phase's false alarms; those that rest on no statistics can't give a false one and take none. */
export function alphasOf(triggers: readonly Trigger[], total = usualAlpha): Record<string, number> {
  const rests = (trigger: Trigger): boolean =>
    "metric" in trigger && ["proportion", "quantile", "mean"].includes(trigger.statistic);
  return splitAlpha(total, Object.fromEntries(triggers.map((trigger) => [trigger.id, rests(trigger) ? 1 : 0])));
}

const withMinimum = (rules: Rules, { minimum }: Condition): Rules => (minimum ? { ...rules, minimum } : rules);

function judge(condition: Condition, measured: Measured, rules: Rules): Judgement {
  switch (condition.statistic) {
    case "proportion":
      return judgeProportion(condition, measured, rules);
    case "quantile":
      return judgeQuantile(condition, measured, rules);
    case "mean":
      return judgeAverage(condition, measured, rules);
    case "count":
      return judgeCount(condition, measured, rules);
    case "level":
    case "trend":
      return judgeReading(condition, measured, rules);
  }
}

/** Counts bad events always: a success ratio of at least 99 % is a failure ratio of at most 1 %. */
function judgeProportion({ metric, value, against }: Condition, measured: Measured, rules: Rules): Judgement {
  const turned = metrics[metric].worse === "lower";
  const bad = (series: Series = []): Series => (turned ? complement(series) : series);
  if (!against) return judgeLimit(bad(measured.canary), turned ? complementOf(value) : value, rules);
  if (against.as === "points") {
    const points = turned ? -value : value;
    const other = against.of === "stable" ? measured.stable : measured.recorded;
    return judgeDifference(bad(measured.canary), bad(other), points, rules, against.of === "stable");
  }
  if (turned)
    throw new RangeError(
      `${metric}: a ratio of two shares of good events says nothing; compare the bad ones, or points`,
    );
  return against.of === "stable"
    ? judgeRatio(bad(measured.canary), bad(measured.stable), value, rules)
    : judgeRecorded(bad(measured.canary), bad(measured.recorded), value, rules);
}

/** 1 − 0.99 is 0.01, whatever binary fractions make of it. */
export const complementOf = (share: number): number => Number((1 - share).toFixed(12));

function judgeQuantile({ metric, value, against }: Condition, measured: Measured, rules: Rules): Judgement {
  const quantile = quantileOf(metric);
  const canary = measured.canaryBuckets ?? [];
  if (against?.of === "stable") {
    return judgeQuantileRatio(canary, measured.stableBuckets ?? [], { quantile, ratio: value }, rules);
  }
  if (against && measured.baseline === undefined)
    return undecided(rules, "no baseline on record; no data never passes");
  const limit = against ? value * measured.baseline! : value;
  const exact = canary.find(({ bound }) => bound === limit);
  return exact
    ? judgeLimit(complement(exact.series), complementOf(quantile), rules)
    : judgeQuantileLimit(canary, { quantile, limit }, rules);
}

/** Every other metric of this kind is a 95th percentile. */
export const quantileOf = (metric: MetricName): number => (metric.endsWith("p99") ? 0.99 : 0.95);

function judgeAverage({ metric, value, against }: Condition, measured: Measured, rules: Rules): Judgement {
  const { bounds, baseline } = measured;
  const recorded = against !== undefined && against.of !== "stable";
  if (recorded && baseline === undefined) return undecided(rules, "no baseline on record; no data never passes");
  const limit = recorded ? (against.as === "ratio" ? value * baseline! : value + baseline!) : value;
  const question = { limit, worse: metrics[metric].worse, ...(measured.block ? { block: measured.block } : {}) };
  const readings = measured.canary ?? [];
  return bounds ? judgeBoundedMean(readings, { ...bounds, ...question }, rules) : judgeMean(readings, question, rules);
}

/** `n` is the time that was watched, in whatever unit; nobody watching is no data, not zero events. */
function judgeCount({ op, value }: Condition, { canary = [] }: Measured, rules: Rules): Judgement {
  const inPhase = canary.filter(({ through, n }) => through > rules.phaseStart && n > 0);
  if (inPhase.length === 0) return undecided(rules, "no data; no data never passes");
  const events = inPhase.reduce((sum, { k }) => sum + k, 0);
  return judgeExact(events, op, value, rules, `${figure(events)} so far`);
}

function judgeReading({ op, value, against }: Condition, { reading, baseline }: Measured, rules: Rules): Judgement {
  if (reading === undefined || !Number.isFinite(reading)) return undecided(rules, "no data; no data never passes");
  if (!against) return judgeExact(reading, op, value, rules, figure(reading));
  if (baseline === undefined) return undecided(rules, "no baseline to compare with; no data never passes");
  const relative = against.as === "ratio" ? reading / baseline : reading - baseline;
  return judgeExact(relative, op, value, rules, `${figure(reading)} against ${figure(baseline)}: ${figure(relative)}`);
}

/** Without statistics: what breaks the rule breaks it at once, what keeps it has kept it when the phase is over. */
function judgeExact(got: number, op: Operator, value: number, rules: Rules, seen: string): Judgement {
  const holds = { "<": got < value, "<=": got <= value, "==": got === value, ">=": got >= value, ">": got > value }[op];
  return decide(rules, { broken: !holds, kept: holds && rules.ended }, `${seen}, needed ${op} ${figure(value)}`, {
    estimate: got,
  });
}
