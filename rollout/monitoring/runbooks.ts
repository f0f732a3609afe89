import type { MetricName } from "../plan/metrics.ts";

/** Pages below docs/runbooks/, one for each family of alerts. */
export const runbooks = [
  "errors",
  "latency",
  "throughput",
  "availability",
  "resources",
  "integrity",
  "byzantine",
  "consensus",
  "compression",
  "allocation",
  "database",
  "migrations",
  "reported",
  "error-budget",
  "silence",
  "objects",
  "nodes",
  "monitoring",
] as const;
export type Runbook = (typeof runbooks)[number];

const byMetric: Readonly<Record<Runbook, readonly MetricName[]>> = {
  errors: [
    "error-ratio",
    "success-ratio",
    "error-ratio-trend",
    "critical-errors",
    "critical-alerts",
    "circuit-breaker-trips",
  ],
  latency: ["latency-p95", "latency-p99", "latency-mean", "latency-trend", "recovery-time", "vector-search-p95"],
  throughput: ["throughput", "capacity", "datacenter-throughput"],
  availability: ["uptime", "health-check-ratio", "unhealthy-pods", "mixed-cluster-uptime", "interoperability-ratio"],
  resources: [
    "memory",
    "memory-ratio",
    "memory-trend",
    "memory-leaks",
    "cpu",
    "cpu-per-request",
    "connections",
    "out-of-memory-kills",
  ],
  integrity: ["integrity-violations", "data-losses", "data-corruptions", "invariant-violations"],
  byzantine: ["byzantine-attacks", "byzantine-successes", "byzantine-tolerance", "byzantine-resisted"],
  consensus: [
    "consensus-time",
    "confirmation-latency",
    "committed-transactions",
    "performance-improvement",
    "message-reduction",
  ],
  compression: ["compression-accuracy", "compression-overhead", "compression-savings", "bandwidth-savings"],
  allocation: ["efficiency-improvement", "resource-starvations"],
  database: [
    "connection-ratio",
    "connection-error-ratio",
    "replication-lag",
    "disk-busy",
    "wal-flush",
    "unplanned-failovers",
  ],
  migrations: ["cross-datacenter-migration-ratio", "live-migration-ratio", "live-migration-failure-ratio"],
  reported: [
    "customer-satisfaction",
    "customer-escalations",
    "customer-issues",
    "incidents",
    "security-incidents",
    "unplanned-rollbacks",
    "monthly-cost",
    "cost",
    "time-to-resolve",
    "alert-handling-time",
    "test-coverage",
    "benchmark-500-patches",
  ],
  "error-budget": [],
  silence: [],
  objects: [],
  nodes: [],
  monitoring: [],
};

const found = new Map(runbooks.flatMap((page) => byMetric[page].map((metric) => [metric, page] as const)));

export function runbookOf(metric: MetricName): Runbook {
  const page = found.get(metric);
  if (!page) throw new Error(`metric ${metric}: no runbook is about it; name one in runbooks.ts`);
  return page;
}
