// Raw series of a system that is well, then isn't, then is again; as promtool reads them.

import { sources } from "../../../rollout/monitoring/sources.ts";
import { type MetricName, metrics } from "../../../rollout/plan/metrics.ts";
import type { Condition } from "../../../rollout/plan/model.ts";
import type { SystemName } from "../../../rollout/plan/systems.ts";

export interface Series {
  readonly series: string;
  readonly values: string;
}

/** Scrapes in each of the three parts, and how far they are apart. */
export interface Timeline {
  readonly well: number;
  readonly ill: number;
  readonly after: number;
  readonly step: number;
}

/** What a raw series does: a level, a number per second, or a number of events in one go. */
type Course = { gauge: number | undefined } | { perSecond: number } | { events: number };
type Courses = Readonly<Record<string, Course>>;

export const named = (series: string, system: SystemName, track: string, pod = "0"): string => {
  const [name, own = ""] = series.replace("}", "").split("{");
  const labels = [`system="${system}"`, `track="${track}"`, `pod="${track}-${pod}"`, 'job="systems"', own].filter(
    Boolean,
  );
  return `${name}{${labels.join(",")}}`;
};

const requestsPerSecond = 100;

/** What the pods of one track would show if the metric were this value. */
export function coursesOf(
  metric: MetricName,
  system: SystemName,
  value: number,
  track: string,
  bounds: readonly number[],
): Courses {
  const source = sources[system];
  const counter = (series: string) => series.replace(/\{.*/, "");
  const share = (all: string, part: string, ratio: number): Courses => ({
    [all]: { perSecond: requestsPerSecond * (all.includes("{") ? 1 - ratio : 1) },
    [part]: { perSecond: requestsPerSecond * ratio },
  });
  const failing = (ratio: number): Courses =>
    counter(source.errors) === source.requests
      ? share(`${source.requests}{code="200"}`, `${source.requests}{code="500"}`, ratio)
      : share(source.requests, source.errors, ratio);
  const timed = (name: string) => distribution(name, value / 1000, bounds);
  const ofRequests = (course: Courses): Courses => ({ [source.requests]: { perSecond: requestsPerSecond }, ...course });
  const migrations = (scope: string, failed: number) =>
    share(
      `dwcp_v3_migrations_total{scope="${scope}",result="success"}`,
      `dwcp_v3_migrations_total{scope="${scope}",result="failure"}`,
      failed,
    );
  const sent = (mode: string): Courses => ({
    [`dwcp_v3_uncompressed_bytes_total{mode="${mode}"}`]: { perSecond: 1000 },
    [`dwcp_v3_compressed_bytes_total{mode="${mode}"}`]: { perSecond: 1000 * (1 - value) },
  });
  const old = track === "stable" ? "v1" : "v3";
  const known: Partial<Record<MetricName, () => Courses>> = {
    "error-ratio": () => failing(value),
    "success-ratio": () => failing(1 - value),
    "latency-p95": () => timed(source.duration),
    "latency-p99": () => timed(source.duration),
    "consensus-time": () => timed("probft_consensus_duration_seconds"),
    throughput: () => ({ [source.requests]: { perSecond: value * 50 }, rampart_rollout_weight: { gauge: 50 } }),
    capacity: () => ({ [source.requests]: { perSecond: value }, loadtest_active: { gauge: 1 } }),
    memory: () => ({ [source.memory]: { gauge: value * 1e9 } }),
    "memory-ratio": () => ({ [source.memory]: { gauge: value * 1e9 }, [source.memoryLimit]: { gauge: 1e9 } }),
    cpu: () => ({ process_cpu_seconds_total: { perSecond: value } }),
    "cpu-per-request": () => ofRequests({ process_cpu_seconds_total: { perSecond: value * requestsPerSecond } }),
    connections: () => ({ wdbx_connection_pool_in_use: { gauge: value } }),
    ...(source.byzantineAttempts && {
      "byzantine-attacks": () => ({ [source.byzantineAttempts!]: { events: value } }),
    }),
    ...(source.byzantineSuccesses && {
      "byzantine-successes": () => ({ [source.byzantineSuccesses!]: { events: value } }),
    }),
    "integrity-violations": () => ({ data_integrity_violations_total: { events: value } }),
    "circuit-breaker-trips": () => ({ [source.breakerTrips!.series]: { events: value } }),
    "data-losses": () => ({ dwcp_v3_data_loss_detected_total: { events: value } }),
    "data-corruptions": () => ({ 'batch_patches_invariant_violations_total{kind="corruption"}': { events: value } }),
    "invariant-violations": () => ({ 'batch_patches_invariant_violations_total{kind="ordering"}': { events: value } }),
    "out-of-memory-kills": () => ({ node_vmstat_oom_kill: { events: value } }),
    "unplanned-failovers": () => ({ 'patroni_postgres_timeline{scope="dpg"}': { perSecond: value > 2 ? 1 / 60 : 0 } }),
    "connection-error-ratio": () =>
      share('dpg_connection_attempts_total{result="success"}', 'dpg_connection_attempts_total{result="error"}', value),
    "connection-ratio": () => ({
      pg_stat_activity_count: { gauge: value * 97 },
      pg_settings_max_connections: { gauge: 100 },
      pg_settings_superuser_reserved_connections: { gauge: 3 },
    }),
    "replication-lag": () => ({
      pg_replication_lag_seconds: { gauge: value / 1000 },
      pg_replication_is_replica: { gauge: 1 },
    }),
    "disk-busy": () => ({ 'node_disk_io_time_seconds_total{device="sda"}': { perSecond: value } }),
    "wal-flush": () => ({
      dpg_wal_syncs_total: { perSecond: 10 },
      dpg_wal_sync_seconds_total: { perSecond: value / 100 },
    }),
    "compression-savings": () => sent("internet"),
    "bandwidth-savings": () => sent("hybrid"),
    "datacenter-throughput": () => ({
      [`dwcp_${old}_bytes_processed_total{mode="datacenter"}`]: { perSecond: value * 1e6 },
    }),
    "cross-datacenter-migration-ratio": () => migrations("cross_dc", 1 - value),
    "live-migration-ratio": () => migrations("live", 1 - value),
    "live-migration-failure-ratio": () => migrations("live", value),
    "interoperability-ratio": () =>
      ofRequests({ dwcp_v3_interop_failures_total: { perSecond: requestsPerSecond * (1 - value) } }),
    uptime: () => ({ up: { gauge: value } }),
    "mixed-cluster-uptime": () => ({ up: { gauge: value } }),
    "memory-leaks": () => ({ [source.memory]: { gauge: 1e9 } }),
    "critical-alerts": () => ({
      'ALERTS{kind="alert",severity="critical",alertstate="firing",alertname="Some"}': {
        gauge: value > 0 ? 1 : undefined,
      },
    }),
  };
  return known[metric]?.() ?? { [`rampart_reported{metric="${metric}"}`]: { gauge: value } };
}

/** A histogram whose high quantiles lie at the value: all observations are in the bucket around it. */
function distribution(name: string, seconds: number, all: readonly number[]): Courses {
  const edges = [...new Set(all.flatMap((ms) => [ms * 0.98, ms * 1.001]))].sort((a, b) => a - b).map((ms) => ms / 1000);
  const courses: Record<string, Course> = {};
  for (const edge of edges)
    courses[`${name}_bucket{le="${edge}"}`] = { perSecond: edge >= seconds ? requestsPerSecond : 0 };
  courses[`${name}_bucket{le="+Inf"}`] = { perSecond: requestsPerSecond };
  courses[`${name}_count`] = { perSecond: requestsPerSecond };
  return courses;
}

/** The course as promtool's list of values. */
export function values(parts: readonly [Course, number][], step: number): string {
  let total = 0;
  return parts
    .flatMap(([course, scrapes]) =>
      Array.from({ length: scrapes }, (_, index) => {
        if ("gauge" in course) return course.gauge ?? "_";
        if ("perSecond" in course) total += course.perSecond * step;
        else if (index === 0) total += course.events;
        return Number(total.toFixed(9));
      }),
    )
    .join(" ");
}

/** Values on either side of the limit, close to it. */
export function sides({ metric, op, value, against }: Condition): { well: number; ill: number } {
  const { statistic, worse } = metrics[metric];
  const isHigh = op.startsWith(">");
  if (statistic === "count") return { well: 0, ill: value + 2 };
  if (value === 0) return isHigh ? { well: 0, ill: 1 } : { well: 1, ill: 0 };
  if (statistic === "proportion" && worse === "lower" && !against) {
    const lack = 1 - value;
    return lack === 0 ? { well: 1, ill: 0.9 } : { well: 1 - lack * 0.85, ill: 1 - lack * 1.2 };
  }
  return isHigh ? { well: value * 0.85, ill: value * 1.15 } : { well: value * 1.15, ill: value * 0.85 };
}
