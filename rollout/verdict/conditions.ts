import { measureOf } from "../monitoring/measures/measures.ts";
import { readingOf } from "../monitoring/records.ts";
import type { Duration } from "../plan/duration.ts";
import type { Condition, Phase, Trigger } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";

/** How a condition is followed: counted minute by minute, or read when it is judged. */
export type Followed = "proportion" | "quantile" | "mean" | "count" | "gauge";

/** Tests need counts; where a system only has a figure to show, the figure is what is judged. */
export function followed({ metric, statistic }: Condition, system: SystemName): Followed {
  const { kind } = measureOf(metric, system);
  if (statistic === "proportion") return kind === "proportion" ? "proportion" : "gauge";
  if (statistic === "quantile") return kind === "quantile" ? "quantile" : "gauge";
  if (statistic === "mean" || statistic === "count") return kind === "value" ? statistic : "gauge";
  return "gauge";
}

/** People say it, nothing measures it. */
export function isReported({ metric }: Condition, system: SystemName): boolean {
  const measure = measureOf(metric, system);
  return measure.kind === "level" && measure.read.includes("rampart_reported");
}

/** Over which time a gauge is read; by itself it is what it is now. */
export const windowOf = (condition: Condition): Duration => readingOf(condition).window;

export const gaugeName = (condition: Condition): string => `${condition.metric} ${windowOf(condition)}`;

export const isMeasured = (trigger: Trigger): trigger is Extract<Trigger, Condition> => "metric" in trigger;

/** Triggers that rest on counts: the analyzer tests them itself, beside the rules that Prometheus evaluates. */
export const tested = ({ triggers }: Phase, system: SystemName): Extract<Trigger, Condition>[] =>
  triggers.filter(isMeasured).filter((one) => ["proportion", "quantile"].includes(followed(one, system)));

/** Everything about a phase that has to be measured. */
export const conditionsOf = (phase: Phase, system: SystemName): Condition[] => [
  ...phase.criteria,
  ...tested(phase, system),
];
