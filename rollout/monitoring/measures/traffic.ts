import type { MetricName } from "../../plan/metrics.ts";
import type { SystemName } from "../../plan/systems.ts";
import { type Measure, quantile, type View, value } from "../measure.ts";
import { avgOf, increaseOf, maxOf, of, rateOf, ratioOf, raw, sumOf, zeroWhere } from "../promql.ts";
import { sources } from "../sources.ts";

/** Metrics about what a system is asked and how it answers. */
export function traffic(system: SystemName): Partial<Record<MetricName, Measure>> {
  const source = sources[system];
  const requests = raw(source.requests, system);
  const errors = raw(source.errors, system);
  const proxied = of("envoy_cluster_upstream_rq_xx", system);
  const views: View[] = [
    counted("app", errors, requests),
    counted("proxy", of("envoy_cluster_upstream_rq_xx", system, 'envoy_response_code_class="5"'), proxied),
  ];
  const histogram = (series: string) => raw(series, system);
  const done = (window: string) => `(${rateOf(requests, window)} - (${zeroed(errors, requests, window)}))`;
  return {
    "error-ratio": { kind: "proportion", views },
    "success-ratio": { kind: "proportion", views },
    "latency-p95": quantile(0.95, histogram(source.duration)),
    "latency-p99": quantile(0.99, histogram(source.duration)),
    "latency-mean": value(
      (window) =>
        `1000 * ${ratioOf(
          rateOf(raw(source.duration, system, "_sum"), window),
          rateOf(raw(source.duration, system, "_count"), window),
        )}`,
    ),
    // A share of 5 % can't do what 95 % do: per unit of weight, as the analyzer says what the weight is.
    throughput: value((window) =>
      ratioOf(done(window), maxOf(of("rampart_rollout_weight", system))).replace(" / ", " / on (system, track) "),
    ),
    capacity: value((window) => sumOf(done(window), ["system"])),
    uptime: value((window) => `avg_over_time(system:up:max{system="${system}"}[${window}])`),
    "health-check-ratio": { kind: "proportion", views: [healthChecks(system)] },
    ...(system === "distributed-postgres" && {
      "connection-error-ratio": {
        kind: "proportion",
        views: [
          counted(
            "app",
            raw('dpg_connection_attempts_total{result="error"}', system),
            raw("dpg_connection_attempts_total", system),
          ),
        ],
      },
      "vector-search-p95": quantile(0.95, histogram("dpg_vector_search_duration_seconds")),
    }),
    ...(system === "dwcp-manager" && {
      "recovery-time": quantile(0.95, histogram("dwcp_manager_recovery_duration_seconds")),
    }),
    ...(system === "dwcp-compression" && {
      "compression-accuracy": {
        kind: "proportion",
        views: [
          counted(
            "app",
            raw('compression_selector_decisions_total{outcome!="optimal"}', system),
            raw("compression_selector_decisions_total", system),
          ),
        ],
      },
      "compression-overhead": value((window) =>
        ratioOf(
          rateOf(raw("compression_selector_overhead_seconds_total", system), window),
          rateOf(raw("compression_selector_transfer_seconds_total", system), window),
        ),
      ),
    }),
    ...(system === "dwcp-probft" && {
      "consensus-time": quantile(0.95, histogram("probft_consensus_duration_seconds")),
    }),
    ...(system === "dwcp-bullshark" && bullshark(system)),
    ...(system === "dwcp-tpbft" && trustBased(system)),
    ...(system === "dwcp-maddpg" && { "efficiency-improvement": value((window) => efficiency(system, window)) }),
    ...(system === "dwcp-v3" && hypervisors(system)),
  };
}

const zeroed = (part: string, whole: string, window: string) => zeroWhere(rateOf(part, window), rateOf(whole, window));

const counted = (seenBy: View["seenBy"], failures: string, trials: string): View => ({
  seenBy,
  trials: (window) => increaseOf(trials, window),
  failures: (window) => zeroWhere(increaseOf(failures, window), increaseOf(trials, window)),
});

/** The manager checks its parts itself; of the others it is known whether their pods answer. */
const healthChecks = (system: SystemName): View =>
  system === "dwcp-manager"
    ? counted(
        "app",
        raw('dwcp_manager_health_checks_total{result!="success"}', system),
        raw("dwcp_manager_health_checks_total", system),
      )
    : {
        seenBy: "app",
        trials: (window) => sumOf(`count_over_time(${of("up", system)}[${window}])`),
        failures: (window) =>
          sumOf(`count_over_time(${of("up", system)}[${window}]) - sum_over_time(${of("up", system)}[${window}])`),
      };

/** Every validator counts the same transactions, so it's the median one that tells; and only while enough are offered. */
function bullshark(system: SystemName): Partial<Record<MetricName, Measure>> {
  const committed = (window: string) =>
    `quantile by (system, track) (0.5, rate(${raw("bullshark_committed_transactions_total", system)}[${window}]))`;
  return {
    "committed-transactions": value(committed),
    "confirmation-latency": quantile(0.95, raw("bullshark_confirmation_duration_seconds", system)),
  };
}

/** Against the figures that were recorded of plain PBFT. */
function trustBased(system: SystemName): Partial<Record<MetricName, Measure>> {
  const reference = (name: string, metric: string) => maxOf(of(name, system, `metric="${metric}"`));
  const saved = (now: string, before: string) => `1 - ${now} / ${before}`;
  return {
    "performance-improvement": value((window) =>
      saved(
        `histogram_quantile(0.5, ${sumOf(`rate(${raw("tpbft_consensus_duration_seconds", system, "_bucket")}[${window}])`, ["system", "track", "le"])})`,
        reference("rollout_reference_seconds", "pbft_consensus_p50"),
      ),
    ),
    "message-reduction": value((window) =>
      saved(
        `(${ratioOf(rateOf(raw("tpbft_messages_sent_total", system), window), rateOf(raw("tpbft_commits_total", system), window))})`,
        reference("rollout_reference_ratio", "pbft_messages_per_commit"),
      ),
    ),
  };
}

function efficiency(system: SystemName, window: string): string {
  const share = (track: string) =>
    `(${ratioOf(
      rateOf(raw(`maddpg_useful_resource_seconds_total{track="${track}"}`, system), window),
      rateOf(raw(`maddpg_allocated_resource_seconds_total{track="${track}"}`, system), window),
    )})`;
  return `${share("canary")} / ignoring (track) ${share("stable")} - 1`;
}

function hypervisors(system: SystemName): Partial<Record<MetricName, Measure>> {
  const migrations = (scope: string, failed = "") => raw(`dwcp_v3_migrations_total{scope="${scope}"${failed}}`, system);
  const migrated = (scope: string): Measure => ({
    kind: "proportion",
    views: [counted("app", migrations(scope, ',result!="success"'), migrations(scope))],
  });
  const bytes = (name: string, mode: string, window: string) =>
    rateOf(raw(`dwcp_v3_${name}_bytes_total${mode}`, system), window);
  const savings = (mode = ""): Measure =>
    value((window) => `1 - ${ratioOf(bytes("compressed", mode, window), bytes("uncompressed", mode, window))}`);
  // Old nodes count under their own name; an average per node, because a tenth of the nodes moves a tenth of the bytes.
  const perNode = (name: string, track: string, window: string) =>
    avgOf(`rate(${raw(`${name}{mode="datacenter",track="${track}"}`, system)}[${window}])`);
  return {
    "datacenter-throughput": value(
      (window) =>
        `(${perNode("dwcp_v3_bytes_processed_total", "canary", window)} or ${perNode("dwcp_v1_bytes_processed_total", "stable", window)}) / 1e6`,
    ),
    "cross-datacenter-migration-ratio": migrated("cross_dc"),
    "live-migration-ratio": migrated("live"),
    "live-migration-failure-ratio": migrated("live"),
    "compression-savings": savings('{mode="internet"}'),
    "bandwidth-savings": savings(),
    // Nobody counts exchanges between old and new nodes, so requests stand for them: what decides is whether any failed.
    "interoperability-ratio": {
      kind: "proportion",
      views: [counted("app", raw("dwcp_v3_interop_failures_total", system), raw("dwcp_v3_requests_total", system))],
    },
    "mixed-cluster-uptime": value((window) => `avg_over_time(system:up:min{system="${system}"}[${window}])`),
  };
}
