import type { MetricName } from "../../plan/metrics.ts";
import type { SystemName } from "../../plan/systems.ts";
import { level, type Measure, value } from "../measure.ts";
import { eventsOf, of, raw, sumOf } from "../promql.ts";
import { sources } from "../sources.ts";

/** Metrics that count what should be rare. */
export function events(system: SystemName): Partial<Record<MetricName, Measure>> {
  const source = sources[system];
  const counted = (series: string): Measure => value((window) => eventsOf(raw(series, system), window));
  return {
    "integrity-violations": counted("data_integrity_violations_total"),
    "critical-errors": counted("app_critical_errors_total"),
    "out-of-memory-kills": value((window) =>
      sumOf(`increase(${of("node_vmstat_oom_kill", system)}[${window}])`, ["system"]),
    ),
    "critical-alerts": value((window) => firedAlerts(system, window)),
    "alert-handling-time": level(
      `max by (system) ((time() - ALERTS_FOR_STATE{system="${system}",kind="alert",severity="critical"}) / 60) or 0 * ${known(system)}`,
    ),
    ...(source.byzantineAttempts && { "byzantine-attacks": counted(source.byzantineAttempts) }),
    ...(source.byzantineSuccesses && { "byzantine-successes": counted(source.byzantineSuccesses) }),
    ...(source.breakerTrips && { "circuit-breaker-trips": value((window) => trips(system, window)) }),
    ...(system === "dwcp-maddpg" && { "resource-starvations": counted("maddpg_starvation_events_total") }),
    ...(system === "dwcp-v3" && { "data-losses": counted("dwcp_v3_data_loss_detected_total") }),
    ...(system === "batch-patches" && {
      "data-losses": counted('batch_patches_invariant_violations_total{kind="count"}'),
      "data-corruptions": counted('batch_patches_invariant_violations_total{kind="corruption"}'),
      "invariant-violations": counted('batch_patches_invariant_violations_total{kind!="corruption"}'),
    }),
    ...(system === "distributed-postgres" && { "unplanned-failovers": value((window) => failovers(system, window)) }),
  };
}

const known = (system: SystemName) => `max by (system) (${of("up", system)})`;

/** Triggers are critical too, and one of them is this count: they must not keep each other firing. */
const firedAlerts = (system: SystemName, window: string) =>
  `count by (system) (max_over_time(ALERTS{system="${system}",kind="alert",severity="critical",alertstate="firing"}[${window}])) or 0 * ${known(system)}`;

function trips(system: SystemName, window: string): string {
  const { series, countedBy } = sources[system].breakerTrips!;
  const counted = eventsOf(raw(series, countedBy), window);
  if (countedBy === system) return counted;
  return `label_replace(sum by (system) (${counted}), "system", "${system}", "", "")`;
}

/** A new timeline is a new primary; an announced drill is none of this. */
const failovers = (system: SystemName, window: string) =>
  `sum by (system) (changes(system_scope:patroni_timeline:max{system="${system}"}[${window}])) unless on (system) max_over_time(rampart_drill_active{system="${system}"}[${window}]) > 0`;
