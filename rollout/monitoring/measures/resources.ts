import type { MetricName } from "../../plan/metrics.ts";
import type { SystemName } from "../../plan/systems.ts";
import { level, type Measure, value } from "../measure.ts";
import { avgOf, maxOf, of, rateOf, ratioOf, raw } from "../promql.ts";
import { sources } from "../sources.ts";

/** Metrics about what a system uses up. The worst pod tells: an average hides the one that is about to die. */
export function resources(system: SystemName): Partial<Record<MetricName, Measure>> {
  const source = sources[system];
  const memory = raw(source.memory, system);
  const cpu = raw("process_cpu_seconds_total", system);
  const requests = raw(source.requests, system);
  return {
    memory: level(maxOf(`${memory} / 1e9`)),
    "memory-ratio": level(maxOf(ratioOf(memory, raw(source.memoryLimit, system)))),
    // The pods of a system ask for one core each unless their limit says otherwise, which their exporter then shows.
    cpu: value((window) => maxOf(`rate(${cpu}[${window}])`)),
    "cpu-per-request": value((window) => ratioOf(rateOf(cpu, window), rateOf(requests, window))),
    "memory-trend": value((window) => growth(memory, window)),
    "error-ratio-trend": value(
      (window) => `deriv(${of("system_track:error_ratio:5m", system, 'seen_by="app"')}[${window}]) * 3600`,
    ),
    "latency-trend": value((window) => growth(of("system_track:latency_p95:5m", system), window)),
    // A leak: a working set that over six hours grows by more than 5 % an hour and doesn't come back.
    "memory-leaks": level(
      `count by (system, track) (${growthOf(memory, "6h")} > 0.05 and on (system, track, pod) time() - ${of("process_start_time_seconds", system)} > 21600) or 0 * ${maxOf(of("up", system))}`,
    ),
    "unhealthy-pods": level(
      `count by (system) (${of("up", system)} == 0) or 0 * ${maxOf(of("up", system), ["system"])}`,
    ),
    ...(system === "wdbx" && { connections: level(maxOf(raw("wdbx_connection_pool_in_use", system))) }),
    ...(system === "dwcp-probft" && {
      "byzantine-tolerance": level(
        maxOf(`floor((${of("consensus_nodes", system)} - 1) / 3) / (${of("consensus_nodes", system)} > 0)`),
      ),
    }),
    ...(system === "distributed-postgres" && database(system)),
  };
}

const growthOf = (series: string, window: string) =>
  `deriv(${series}[${window}]) * 3600 / (avg_over_time(${series}[${window}]) > 0)`;
const growth = (series: string, window: string) => maxOf(growthOf(series, window));

function database(system: SystemName): Partial<Record<MetricName, Measure>> {
  const postgres = (name: string) => of(name, system);
  return {
    "connection-ratio": level(
      maxOf(
        `${postgres("pg_stat_activity_count")} / (${postgres("pg_settings_max_connections")} - ${postgres("pg_settings_superuser_reserved_connections")})`,
      ),
    ),
    // The clock since the last replay also runs on a primary, where it means nothing.
    "replication-lag": level(
      maxOf(`${postgres("pg_replication_lag_seconds")} * 1000 and ${postgres("pg_replication_is_replica")} == 1`),
    ),
    "disk-busy": value((window) =>
      maxOf(`rate(${postgres("node_disk_io_time_seconds_total")}[${window}])`, ["system"]),
    ),
    "wal-flush": value(
      (window) =>
        `1000 * ${maxOf(ratioOf(`rate(${postgres("dpg_wal_sync_seconds_total")}[${window}])`, `rate(${postgres("dpg_wal_syncs_total")}[${window}])`))}`,
    ),
    cpu: value((window) => avgOf(`rate(${postgres("process_cpu_seconds_total")}[${window}])`)),
  };
}
