import { type Duration, toSeconds } from "../plan/duration.ts";
import { phasesOf } from "../plan/ladder.ts";
import { metrics } from "../plan/metrics.ts";
import type { Alert, Condition, Criterion, Phase, Plan, PlanEnvironment, Trigger } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";
import { holdsInAttempt, recently } from "./attempts.ts";
import { burnRateRules } from "./burn-rate.ts";
import { hasTracks, holds, measured } from "./condition.ts";
import { guide, pascal, provenance, type RuleOptions } from "./labels.ts";
import { of } from "./promql.ts";
import { type Reading, readingOf, recorded, recordingRules } from "./records.ts";
import type { AlertingRule, RecordingRule, RuleGroup } from "./rule.ts";
import { runbookOf } from "./runbooks.ts";
import { foundations, silenceRules } from "./silence.ts";

/** Phases that share a condition share a rule; `phases` says in which of them it counts. */
interface InPhases<T> {
  readonly item: T;
  readonly phases: readonly string[];
}

const fast: Duration = "5s";
const usual: Duration = "15s";
const slow: Duration = "5m";

/** All rules of one system: what is recorded, who is told, what ends an attempt, what is to hold, what is silent. */
export function planRules(plan: Plan, options: RuleOptions): RuleGroup[] {
  const { system } = plan;
  const phases = everyPhase(plan, options.environment);
  const triggers = inPhases(phases, ({ triggers }) => triggers.filter(isMeasured));
  const criteria = inPhases(phases, ({ criteria }) => criteria);
  const recent = triggers.flatMap(({ item }) => recently(item, system) ?? []);
  const readings = unique([...everyReading(plan, options.environment), ...recent.map(readingOf)]);
  const isLong = ({ window }: Reading) => toSeconds(window) > 3600;
  const record = (some: readonly Reading[]) => some.flatMap((reading) => recordingRules(reading, system));
  return [
    {
      name: `${system}.now`,
      interval: plan.alertWithin || toSeconds(plan.scrapeInterval.value) < 15 ? fast : usual,
      rules: [
        ...foundations(system),
        ...record(readings.filter((reading) => !isLong(reading))),
        ...baselineRules(plan),
        ...plan.alerts.filter(isNow).map((one) => alertRule(plan, one, options)),
        ...triggers.filter(({ item }) => isNow(item)).map((one) => triggerRule(plan, one, options)),
      ],
    },
    // Ranges of hours and days are read seldom: they move slowly and cost much.
    {
      name: `${system}.long`,
      interval: slow,
      rules: [
        ...record(readings.filter(isLong)),
        ...plan.alerts.filter((one) => !isNow(one)).map((one) => alertRule(plan, one, options)),
        ...triggers.filter(({ item }) => !isNow(item)).map((one) => triggerRule(plan, one, options)),
      ],
    },
    { name: `${system}.criteria`, interval: "1m", rules: criteria.map((one) => criterionRule(system, one)) },
    { name: `${system}.silence`, interval: fast, rules: silenceRules(plan, options) },
    { name: `${system}.error-budget`, interval: "30s", rules: burnRateRules(plan, options) },
  ].filter(({ rules }) => rules.length > 0) as RuleGroup[];
}

/** What is recorded of a system, but for what only tells a young attempt from the one before. */
export function everyReading(plan: Plan, environment: PlanEnvironment): Reading[] {
  const phases = everyPhase(plan, environment);
  const conditions = phases.flatMap(({ triggers, criteria }) => [...triggers.filter(isMeasured), ...criteria]);
  return needed([...plan.alerts, ...conditions, ...plan.objectives]);
}

type MeasuredTrigger = Extract<Trigger, Condition>;
const isMeasured = (trigger: Trigger): trigger is MeasuredTrigger => "metric" in trigger;
const isNow = (condition: Condition & { for?: Duration }) => toSeconds(readingOf(condition).window) <= 3600;

const everyPhase = (plan: Plan, environment: PlanEnvironment): Phase[] =>
  (["normal", "expedited"] as const).flatMap((ladder) => phasesOf(plan, environment, ladder));

function inPhases<T extends { id: string }>(
  phases: readonly Phase[],
  items: (phase: Phase) => readonly T[],
): InPhases<T>[] {
  const found = new Map<string, { item: T; phases: string[] }>();
  for (const phase of phases) {
    for (const item of items(phase)) {
      const key = JSON.stringify(item);
      const same = found.get(key) ?? { item, phases: [] };
      if (!same.phases.includes(phase.name)) same.phases.push(phase.name);
      found.set(key, same);
    }
  }
  return [...found.values()];
}

/** Each reading once; trends and pages also need what they are made of. */
function needed(conditions: readonly (Condition & { for?: Duration })[]): Reading[] {
  const readings = conditions.flatMap((condition): Reading[] => {
    const reading = readingOf(condition);
    if (reading.metric === "latency-trend") return [{ metric: "latency-p95", window: "5m" }, reading];
    if (reading.metric === "error-ratio-trend") return [{ metric: "error-ratio", window: "5m" }, reading];
    return [reading];
  });
  return unique(readings);
}

const unique = (readings: readonly Reading[]): Reading[] => [
  ...new Map(readings.map((one) => [JSON.stringify([one.metric, one.window]), one])).values(),
];

/** What the comparison with the past is with: the analyzer's own record, or what the plan wrote down. */
function baselineRules({ system, baselines }: Plan): RecordingRule[] {
  const from = `max by (system, metric, of) (${of("rampart_baseline", system)})`;
  const inPlan = new Map(baselines.map(({ metric, value }) => [metric, value]));
  const constants = [...inPlan].map(([metric, value]) => {
    const labelled = { system, metric, of: "recorded" };
    return Object.entries(labelled).reduce(
      (series, [label, text]) => `label_replace(${series}, "${label}", "${text}", "", "")`,
      `vector(${value})`,
    );
  });
  return [{ record: "system:baseline", expr: [from, ...constants].join("\n  or ") }];
}

function conditionText({ metric, op, value, against }: Condition): string {
  const { what, unit } = metrics[metric];
  const to = against ? (against.of === "stable" ? "the stable track" : `what was recorded (${against.of})`) : "";
  const compared = against
    ? against.as === "ratio"
      ? ` times that of ${to}`
      : ` above ${to}`
    : unit === "ratio" || unit === "count"
      ? ""
      : ` ${unit}`;
  return `${what}: ${op} ${value}${compared}`;
}

function alertRule(plan: Plan, alert: Alert, options: RuleOptions): AlertingRule {
  const { system } = plan;
  return {
    alert: alert.name,
    expr: alertExpression(alert, system),
    ...(alert.for !== "0s" && { for: alert.for }),
    ...(isEvent(alert) && alert.severity === "critical" && { keep_firing_for: "1h" as const }),
    labels: {
      kind: "alert",
      severity: alert.severity,
      system,
      measure: alert.metric,
      ...(alert.against && hasTracks(alert.metric, system) && { track: "canary" }),
      ...provenance(alert),
    },
    annotations: annotations(plan, alert, options),
  };
}

/** Once everybody has the new version there is no stable track left to compare with, only what was recorded of it. */
function alertExpression(alert: Alert, system: SystemName): string {
  const { against } = alert;
  if (!against) return holds(alert, system);
  const now = holds(alert, system, "canary");
  if (against.of !== "stable") return now;
  const before = holds({ ...alert, against: { ...against, of: "recorded" } }, system, "canary");
  const stable = recorded(readingOf(alert), system, 'track="stable"');
  return `${now}\nor ((${before}) unless on (system) ${stable})`;
}

/** One is too many, so it isn't over because the next scrape shows no second one. */
const isEvent = ({ metric, value, window }: Condition) =>
  metrics[metric].statistic === "count" && value === 0 && !window;

function triggerRule(plan: Plan, { item, phases }: InPhases<MeasuredTrigger>, options: RuleOptions): AlertingRule {
  const { system } = plan;
  return {
    alert: `${pascal(system)}Trigger${pascal(item.id)}`,
    expr: holdsInAttempt(item, system),
    ...(item.for !== "0s" && { for: item.for }),
    // An event that only a young attempt's short look has seen is as well remembered as any other.
    ...(recently(item, system) &&
      metrics[item.metric].statistic === "count" && { keep_firing_for: readingOf(item).window }),
    labels: {
      kind: "trigger",
      severity: "critical",
      system,
      track: "canary",
      trigger: item.id,
      action: item.action,
      phase: phases.join("|"),
      measure: item.metric,
      ...provenance(item),
    },
    annotations: annotations(plan, item, options),
  };
}

function annotations(plan: Plan, condition: Condition, options: RuleOptions): Record<string, string> {
  return {
    summary: `${plan.title}: ${conditionText(condition)}`,
    description: `{{ $labels.system }}{{ with $labels.track }} ({{ . }}){{ end }} measures {{ $value | humanize }}.`,
    ...guide(runbookOf(condition.metric), options),
  };
}

/** The value beside which the analyzer and the dashboards put the limit; what it means is the analyzer's to say. */
const criterionRule = (system: SystemName, { item, phases }: InPhases<Criterion>): RecordingRule => ({
  record: "system:criterion:value",
  expr: measured(item, system, "canary"),
  labels: { criterion: item.id, phase: phases.join("|"), measure: item.metric, ...provenance(item) },
});
