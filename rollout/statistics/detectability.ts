import { toSeconds } from "../plan/duration.ts";
import { type MetricName, metrics } from "../plan/metrics.ts";
import type { Condition, Phase, Trigger } from "../plan/model.ts";
import { alphasOf, complementOf, quantileOf } from "./condition.ts";
import { percent } from "./judgement.ts";
import { detection, type Question } from "./planning.ts";

export interface PhaseFacts {
  phase: Pick<Phase, "name" | "percent" | "minDuration" | "triggers">;
  /** Of the whole system. */
  requestsPerSecond: number;
  /** How often the bad case is seen on stable, by metric: 0.001 for an error ratio of 0.1 %. */
  usualRates: Partial<Record<MetricName, number>>;
  /** A release so many times as bad as the trigger allows ought to be seen; 2 when left out. */
  factor?: number;
  /** With this probability; 0.95 when left out. */
  power?: number;
}

export interface Sight {
  trigger: string;
  /** Undefined where it can't be said: nobody knows the usual rate. */
  sees: boolean | undefined;
  sentence: string;
}

/**
 * What each trigger of a phase that rests on statistics will be able to see in the phase's time, before anybody is exposed.
 * Triggers that need none (counts, gauges) are left out; so are all of a phase where not both tracks have traffic.
 */
export function detectability({ phase, requestsPerSecond, usualRates, factor = 2, power = 0.95 }: PhaseFacts): Sight[] {
  if (phase.percent <= 0 || phase.percent >= 100) return [];
  const judged = phase.triggers.flatMap((trigger) => ("metric" in trigger && isStatistical(trigger) ? [trigger] : []));
  const alphas = alphasOf(phase.triggers);
  const traffic = { requestsPerSecond, share: phase.percent / 100, seconds: toSeconds(phase.minDuration) };
  return judged.map((trigger) => {
    const { id, metric } = trigger;
    const stableRate = usualRates[metric];
    if (stableRate === undefined) {
      return {
        trigger: id,
        sees: undefined,
        sentence: `${id}: nobody has said how often it is bad on stable (${metric})`,
      };
    }
    const against = limitOf(trigger);
    const limit = "ratio" in against ? against.ratio * stableRate : against.limit;
    const canaryRate = Math.min(factor * limit, 0.999);
    const answer = detection({ traffic, stableRate, canaryRate, against, alpha: alphas[id]! });
    const sees = answer.power >= power;
    const verdict = sees ? "" : `; that is less than ${percent(power)}: more traffic, more time or a wider limit`;
    return { trigger: id, sees, sentence: `${id}: ${answer.sentence}${verdict}` };
  });
}

type Measurable = Trigger & Condition;

/** A comparison of quantiles is left to the judge: what it can see hangs on the histogram's bounds. */
const isStatistical = ({ statistic, against }: Measurable): boolean =>
  (statistic === "proportion" && against?.as !== "points") || (statistic === "quantile" && !against);

function limitOf({ statistic, metric, value, against }: Measurable): Question["against"] {
  if (statistic === "quantile") return { limit: complementOf(quantileOf(metric)) };
  if (against) return { ratio: value };
  return { limit: metrics[metric].worse === "lower" ? complementOf(value) : value };
}
