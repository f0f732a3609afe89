import type { Duration } from "../plan/duration.ts";
import { metrics } from "../plan/metrics.ts";
import type { Baseline, Condition } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";
import { measureOf } from "./measures/measures.ts";
import { of } from "./promql.ts";
import { type Reading, readingOf, recorded } from "./records.ts";

/** A baseline without a single failure would make the first failure infinitely worse; it counts as one in 2,000. */
const leastShare = 0.0005;
/** One failed request is no failing system, however few requests there are. */
const leastFailures = 3;

type Bounded = Condition & { for?: Duration };

/**
 * True where the condition holds: the samples of it, per track where the metric has tracks. A condition that compares is
 * about the canary.
 */
export function holds(condition: Bounded, system: SystemName, track?: "canary"): string {
  const compared = `${measured(condition, system, track)} ${condition.op} ${condition.value}`;
  const guards = sampleGuards(condition, system, track);
  return [compared, ...guards].join("\n  and ");
}

/** The value that the condition is about: as it is, or against its baseline. */
export function measured(condition: Bounded, system: SystemName, track?: "canary"): string {
  const reading = readingOf(condition);
  const { against } = condition;
  if (!against) return recorded(reading, system, matcher(system, reading, track));
  const canary = recorded(reading, system, matcher(system, reading, "canary"));
  const sign = against.as === "ratio" ? "/" : "-";
  if (against.of === "stable") {
    const stable = recorded(reading, system, 'track="stable"');
    return `${canary} ${sign} ignoring (track) ${against.as === "ratio" ? divisor(condition, stable) : stable}`;
  }
  const before = baseline(condition, system, against.of);
  return `${canary} ${sign} on (system) group_left () ${against.as === "ratio" ? divisor(condition, before) : before}`;
}

/** What was recorded of the metric before: by the analyzer, else as the plan states it. */
const baseline = ({ metric }: Condition, system: SystemName, from: Exclude<Baseline["of"], "stable">) =>
  of("system:baseline", system, `metric="${metric}",of="${from}"`);

function divisor({ metric }: Condition, expression: string): string {
  const { statistic, worse } = metrics[metric];
  const isShare = statistic === "proportion" && worse === "higher";
  return isShare ? `clamp_min(${expression}, ${leastShare})` : `(${expression} > 0)`;
}

/** Metrics of a whole system have no track to choose. */
function matcher(system: SystemName, { metric }: Reading, track?: "canary"): string {
  return track && hasTracks(metric, system) ? `track="${track}"` : "";
}

const systemWide: ReadonlySet<string> = new Set([
  "capacity",
  "uptime",
  "mixed-cluster-uptime",
  "critical-alerts",
  "alert-handling-time",
  "unhealthy-pods",
  "unplanned-failovers",
  "out-of-memory-kills",
  "disk-busy",
  "efficiency-improvement",
]);

export function hasTracks(metric: Condition["metric"], system: SystemName): boolean {
  if (systemWide.has(metric)) return false;
  const measure = measureOf(metric, system);
  if (metric === "circuit-breaker-trips") return system === "dwcp-manager";
  return !(measure.kind === "level" && measure.read.includes("rampart_reported"));
}

/** What keeps a handful of requests from deciding, and a quiet system from looking slow. */
function sampleGuards(condition: Bounded, system: SystemName, track?: "canary"): string[] {
  const { metric, minimum, against } = condition;
  const reading = readingOf(condition);
  const measure = measureOf(metric, system);
  const where = against ? 'track="canary"' : matcher(system, reading, track);
  const on = against
    ? `on (system${measure.kind === "proportion" && against.of === "stable" ? ", seen_by" : ""}) `
    : "";
  const atLeast = (part: "trials" | "failures", count: number) =>
    `${on}${recorded(reading, system, where, part)} >= ${count}`;
  const guards: string[] = [];
  if (measure.kind === "proportion") {
    if (minimum) guards.push(atLeast("trials", minimum.trials));
    // A promise of all or nothing is broken by the first failure.
    const isAbsolute = condition.value === 1 || condition.value === 0;
    if (!isAbsolute) guards.push(atLeast("failures", Math.max(minimum?.events ?? 0, leastFailures)));
  }
  if (measure.kind === "quantile") {
    guards.push(atLeast("trials", minimum?.trials ?? Math.round(1 / (1 - measure.quantile))));
  }
  if (metric === "capacity") guards.push(`on (system) ${of("system:offered:1m", system)} >= ${condition.value}`);
  if (metric === "committed-transactions") guards.push(offeredTransactions(system, condition.value));
  return guards;
}

const offeredTransactions = (system: SystemName, value: number) =>
  `on (system, track) sum by (system, track) (rate(${of("bullshark_offered_transactions_total", system)}[5m])) >= ${value}`;
