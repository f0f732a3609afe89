import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/paths.ts";
import { planRules } from "../../../rollout/monitoring/plan-rules.ts";
import { isAlert } from "../../../rollout/monitoring/rule.ts";
import { objectSeries } from "../../../rollout/monitoring/scrape-jobs.ts";
import type { Plan } from "../../../rollout/plan/model.ts";

/** What Patroni says of a member, and the attendant beside it. */
export const databaseSeries = [
  ..."patroni_primary patroni_standby_leader patroni_replica patroni_postgres_running".split(" "),
  ..."patroni_postgres_streaming patroni_postgres_timeline patroni_failsafe_mode_is_active".split(" "),
  ..."patroni_xlog_location patroni_xlog_replayed_location".split(" "),
  ..."pg_up pg_stat_activity_count pg_settings_max_connections pg_settings_superuser_reserved_connections".split(" "),
  ..."pg_replication_is_replica pg_replication_lag_seconds pg_stat_database_checksum_failures".split(" "),
  ..."pg_stat_archiver_archived_count pg_stat_archiver_failed_count rampart_postgres_archive_failing".split(" "),
  ..."rampart_postgres_volume_size_bytes rampart_postgres_volume_available_bytes".split(" "),
  ..."rampart_postgres_made_anew_total pgbackrest_up pgbackrest_backup_first_timestamp_seconds".split(" "),
  ..."pgbackrest_backup_last_timestamp_seconds pgbackrest_backup_last_error".split(" "),
  "pgbackrest_backup_verified_timestamp_seconds",
];

/** What others than our own programs expose, and what the analyzer says. */
const others = [
  ..."up ALERTS ALERTS_FOR_STATE scrape_samples_post_metric_relabeling".split(" "),
  ..."prometheus_rule_evaluation_failures_total prometheus_rule_group_iterations_missed_total".split(" "),
  ..."prometheus_config_last_reload_successful prometheus_notifications_dropped_total prometheus_tsdb_head_series".split(
    " ",
  ),
  ..."prometheus_notifications_alertmanagers_discovered prometheus_rule_group_last_duration_seconds".split(" "),
  ..."alertmanager_config_last_reload_successful alertmanager_notifications_failed_total".split(" "),
  ..."envoy_cluster_upstream_rq_total envoy_cluster_upstream_rq_xx".split(" "),
  ..."node_vmstat_oom_kill node_disk_io_time_seconds_total node_cpu_seconds_total".split(" "),
  ..."node_memory_MemAvailable_bytes node_memory_MemTotal_bytes".split(" "),
  ..."probe_success probe_ssl_earliest_cert_expiry".split(" "),
  ...databaseSeries,
  ...objectSeries,
  ..."rampart_rollout_info rampart_rollout_weight rampart_baseline rampart_reported".split(" "),
  ..."rampart_drill_active rampart_maintenance_active rampart_drain_failures_total".split(" "),
];

/** What pods of every system expose, as the simulator does. */
const pods = [
  ..."http_requests_total http_mirrored_requests_total http_request_duration_seconds http_requests_in_flight".split(
    " ",
  ),
  ..."process_resident_memory_bytes process_memory_limit_bytes process_start_time_seconds process_cpu_seconds_total".split(
    " ",
  ),
];

/** All names that a rule or a panel may ask for. */
export function knownSeries(plans: readonly Plan[]): Set<string> {
  const profiles = globSync("local/images/simulator/profiles/*.json", { cwd: root });
  const simulated = profiles.flatMap((file): string[] =>
    JSON.parse(readFileSync(join(root, file), "utf8")).metrics.map(({ name }: { name: string }) => name),
  );
  const parts = [...simulated, ...pods].flatMap((name) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]);
  const recorded = (["staging", "production"] as const).flatMap((environment) =>
    plans
      .flatMap((plan) => planRules(plan, { environment, runbookUrl: "" }))
      .flatMap(({ rules }) => rules.flatMap((rule) => (isAlert(rule) ? [] : [rule.record]))),
  );
  return new Set([...parts, ...others, ...recorded]);
}

/** The names of series in an expression: what is left of it without strings, labels, ranges and functions. */
export function seriesIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\{[^}]*\}/g, "{}")
    .replaceAll(/\[[^\]]*\]/g, "")
    .replaceAll(/\b(by|on|ignoring|without|group_left|group_right)\s*\([^)]*\)/g, " ")
    .replaceAll(/\boffset\s+\w+/g, "");
  const words = [...bare.matchAll(/(?<![\w.:])([a-zA-Z_][\w:]*)(?!\s*\()(?![\w:])/g)].map((match) => match[1]!);
  const keywords = new Set(["and", "or", "unless", "bool", "Inf", "by", "on", "ignoring", "e6", "e9"]);
  return [...new Set(words.filter((word) => !keywords.has(word)))];
}
