import { measureOf } from "../monitoring/measures/measures.ts";
import { recordingRules } from "../monitoring/records.ts";
import type { MetricName } from "../plan/metrics.ts";
import type { Condition, Phase } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";
import { conditionsOf, followed, gaugeName, windowOf } from "./conditions.ts";

/** A phase that is to be measured. */
export interface Subject {
  readonly system: SystemName;
  readonly phase: Phase;
}

/** PromQL by the name of what it asks. One question is about all systems together. */
export type Questions = ReadonlyMap<string, string>;

/** What is counted of one metric in a minute, before it is a series. */
export type Part = "trials" | "failures" | "buckets" | "value" | "trials by segment" | "failures by segment";
export const questionName = (metric: MetricName, part: Part, seenBy = ""): string =>
  `${metric} ${part} ${seenBy}`.trim();

export const upQuestion = "up";
export const requestsQuestion = "requests";
export const baselineQuestion = "baseline";

const range = "1m";

/** Asked for every minute: who answered, whose the requests were, and what each condition counts. */
export function minuteQuestions(subjects: readonly Subject[]): Questions {
  const asked = new Map<string, Set<string>>();
  const ask = (name: string, query: string) => asked.set(name, (asked.get(name) ?? new Set()).add(query));
  for (const { system, phase } of subjects) {
    ask(upQuestion, `min by (system, track) (min_over_time(up{job="systems",system="${system}"}[${range}]))`);
    ask(requestsQuestion, requestsOf(system, range));
    for (const condition of conditionsOf(phase, system)) askForCounts(condition, system, ask);
  }
  return joined(asked);
}

/** What the proxy has sent to each track, of each segment where there are several. */
const requestsOf = (system: string, window: string): string =>
  `sum by (system, track, segment) (increase(envoy_cluster_upstream_rq_total{system="${system}"}[${window}]))`;

/** Requests that canaries still got, a moment ago. */
export const stillServed = (systems: string): string =>
  `sum by (system) (increase(envoy_cluster_upstream_rq_total{system=~"${systems}",track="canary"}[10s]))`;

/** Only the proxy is asked: which segment a request is from, it was told by the edge, and the canary has no say in it. */
const bySegment = (system: string, which: string): string =>
  `sum by (system, segment) (increase(envoy_cluster_upstream_rq_xx{system="${system}",track="canary",segment!=""${which}}[${range}]))`;

function askForCounts(condition: Condition, system: SystemName, ask: (name: string, query: string) => void): void {
  const { metric } = condition;
  const kind = followed(condition, system);
  const measure = measureOf(metric, system);
  if (kind === "proportion" && measure.kind === "proportion") {
    for (const { seenBy, trials, failures } of measure.views) {
      ask(questionName(metric, "trials", seenBy), trials(range));
      ask(questionName(metric, "failures", seenBy), failures(range));
    }
    if (condition.bySegment) {
      ask(questionName(metric, "trials by segment"), bySegment(system, ""));
      ask(questionName(metric, "failures by segment"), bySegment(system, ',envoy_response_code_class="5"'));
    }
  }
  if (kind === "quantile" && measure.kind === "quantile") {
    const buckets = measure.histogram.replace("{", "_bucket{");
    ask(questionName(metric, "buckets"), `sum by (system, track, le) (increase(${buckets}[${range}]))`);
  }
  if ((kind === "mean" || kind === "count") && measure.kind === "value") {
    ask(questionName(metric, "value"), measure.read(range));
  }
}

/** Asked when something is judged: gauges, trends, and what is on record. */
export function gaugeQuestions(subjects: readonly Subject[]): Questions {
  const asked = new Map<string, Set<string>>([[baselineQuestion, new Set(["system:baseline"])]]);
  for (const { system, phase } of subjects) {
    for (const condition of conditionsOf(phase, system)) {
      if (followed(condition, system) !== "gauge") continue;
      const name = gaugeName(condition);
      const [rule] = recordingRules({ metric: condition.metric, window: windowOf(condition) }, system).slice(-1);
      asked.set(name, (asked.get(name) ?? new Set()).add(rule!.expr));
    }
  }
  return joined(asked);
}

const joined = (asked: ReadonlyMap<string, ReadonlySet<string>>): Questions =>
  new Map([...asked].map(([name, queries]) => [name, [...queries].map((query) => `(${query})`).join("\n or ")]));
