/**
 * How a metric is judged. `proportion`: so many of so many. `quantile` and `mean`: of a distribution. `count`: events.
 * `level`: a gauge, read as it is. `trend`: change per hour of a gauge.
 */
export const statistics = ["proportion", "quantile", "mean", "count", "level", "trend"] as const;
export type Statistic = (typeof statistics)[number];

interface Metric {
  statistic: Statistic;
  unit: "ratio" | "ms" | "per second" | "MB per second" | "GB" | "count" | "minutes" | "USD per month" | "per hour";
  /** Which way is bad. */
  worse: "higher" | "lower";
  what: string;
}

/** What plans talk about, without a word of PromQL; whoever measures says how. */
export const metrics = {
  "error-ratio": { statistic: "proportion", unit: "ratio", worse: "higher", what: "failed requests of all requests" },
  "success-ratio": { statistic: "proportion", unit: "ratio", worse: "lower", what: "good requests of all requests" },
  "connection-error-ratio": {
    statistic: "proportion",
    unit: "ratio",
    worse: "higher",
    what: "failed attempts to connect to the database of all attempts",
  },
  "health-check-ratio": { statistic: "proportion", unit: "ratio", worse: "lower", what: "health checks that succeed" },
  uptime: { statistic: "proportion", unit: "ratio", worse: "lower", what: "time in which the system answers" },
  "mixed-cluster-uptime": {
    statistic: "proportion",
    unit: "ratio",
    worse: "lower",
    what: "time in which clusters of old and new nodes are whole",
  },
  "cross-datacenter-migration-ratio": {
    statistic: "proportion",
    unit: "ratio",
    worse: "lower",
    what: "migrations between datacenters that succeed",
  },
  "live-migration-ratio": {
    statistic: "proportion",
    unit: "ratio",
    worse: "lower",
    what: "live migrations that succeed",
  },
  "live-migration-failure-ratio": {
    statistic: "proportion",
    unit: "ratio",
    worse: "higher",
    what: "live migrations that fail",
  },
  "interoperability-ratio": {
    statistic: "proportion",
    unit: "ratio",
    worse: "lower",
    what: "exchanges between old and new nodes that succeed",
  },
  "compression-accuracy": {
    statistic: "proportion",
    unit: "ratio",
    worse: "lower",
    what: "choices of the compression selector that were the best ones",
  },
  "latency-p95": { statistic: "quantile", unit: "ms", worse: "higher", what: "time to answer, 95th percentile" },
  "latency-p99": { statistic: "quantile", unit: "ms", worse: "higher", what: "time to answer, 99th percentile" },
  "latency-mean": { statistic: "mean", unit: "ms", worse: "higher", what: "time to answer, average" },
  "recovery-time": { statistic: "quantile", unit: "ms", worse: "higher", what: "time to recover from a fault, p95" },
  "consensus-time": { statistic: "quantile", unit: "ms", worse: "higher", what: "time to reach consensus, p95" },
  "confirmation-latency": { statistic: "quantile", unit: "ms", worse: "higher", what: "time to confirm, p95" },
  "vector-search-p95": { statistic: "quantile", unit: "ms", worse: "higher", what: "time of a vector search, p95" },
  throughput: {
    statistic: "mean",
    unit: "per second",
    worse: "lower",
    what: "operations done, per unit of weight or per node",
  },
  capacity: { statistic: "mean", unit: "per second", worse: "lower", what: "operations done while enough are offered" },
  "committed-transactions": {
    statistic: "mean",
    unit: "per second",
    worse: "lower",
    what: "transactions that the median validator commits while enough are offered",
  },
  "datacenter-throughput": {
    statistic: "mean",
    unit: "MB per second",
    worse: "lower",
    what: "bytes moved inside a datacenter, per node",
  },
  "benchmark-500-patches": { statistic: "mean", unit: "ms", worse: "higher", what: "time for 500 patches" },
  "compression-savings": {
    statistic: "mean",
    unit: "ratio",
    worse: "lower",
    what: "bytes that compression saves on the way over the internet",
  },
  "bandwidth-savings": { statistic: "mean", unit: "ratio", worse: "lower", what: "bytes not sent that v1 would send" },
  "compression-overhead": {
    statistic: "mean",
    unit: "ratio",
    worse: "higher",
    what: "time spent choosing of all time",
  },
  "performance-improvement": {
    statistic: "mean",
    unit: "ratio",
    worse: "lower",
    what: "consensus time saved against the recorded PBFT figure",
  },
  "message-reduction": {
    statistic: "mean",
    unit: "ratio",
    worse: "lower",
    what: "messages per commit saved against the recorded PBFT figure",
  },
  "efficiency-improvement": {
    statistic: "mean",
    unit: "ratio",
    worse: "lower",
    what: "useful share of allocated resources gained against the stable allocator",
  },
  memory: { statistic: "level", unit: "GB", worse: "higher", what: "working set, worst pod or node" },
  "memory-ratio": { statistic: "level", unit: "ratio", worse: "higher", what: "working set of the limit, worst pod" },
  cpu: { statistic: "level", unit: "ratio", worse: "higher", what: "processor time of what there is" },
  "cpu-per-request": { statistic: "mean", unit: "ratio", worse: "higher", what: "processor time per request" },
  connections: { statistic: "level", unit: "count", worse: "higher", what: "connections in use, worst pod" },
  "connection-ratio": { statistic: "level", unit: "ratio", worse: "higher", what: "connections of those allowed" },
  "replication-lag": { statistic: "level", unit: "ms", worse: "higher", what: "delay of the slowest replica" },
  "disk-busy": { statistic: "level", unit: "ratio", worse: "higher", what: "time in which the disk is busy" },
  "wal-flush": { statistic: "level", unit: "ms", worse: "higher", what: "time to flush the write-ahead log" },
  "byzantine-tolerance": {
    statistic: "level",
    unit: "ratio",
    worse: "lower",
    what: "share of faulty validators that the set still survives",
  },
  "byzantine-resisted": {
    statistic: "proportion",
    unit: "ratio",
    worse: "lower",
    what: "attack tests that are fended off",
  },
  "customer-satisfaction": { statistic: "level", unit: "count", worse: "lower", what: "score of the customer survey" },
  "monthly-cost": { statistic: "level", unit: "USD per month", worse: "higher", what: "cost of the new service" },
  cost: { statistic: "level", unit: "ratio", worse: "higher", what: "cost of what was projected or paid before" },
  "time-to-resolve": {
    statistic: "mean",
    unit: "minutes",
    worse: "higher",
    what: "mean time until an incident is over; 0 without incidents",
  },
  "alert-handling-time": {
    statistic: "level",
    unit: "minutes",
    worse: "higher",
    what: "longest time until a critical alert was handled; 0 without one",
  },
  "test-coverage": { statistic: "level", unit: "ratio", worse: "lower", what: "code that tests run" },
  "memory-trend": {
    statistic: "trend",
    unit: "per hour",
    worse: "higher",
    what: "growth of the working set, relative; a leak if it stays",
  },
  "error-ratio-trend": { statistic: "trend", unit: "per hour", worse: "higher", what: "change of the error ratio" },
  "latency-trend": {
    statistic: "trend",
    unit: "per hour",
    worse: "higher",
    what: "change of the 95th percentile, relative",
  },
  "critical-alerts": { statistic: "count", unit: "count", worse: "higher", what: "critical alerts that fired" },
  "critical-errors": {
    statistic: "count",
    unit: "count",
    worse: "higher",
    what: "errors that the system itself calls critical",
  },
  "memory-leaks": { statistic: "count", unit: "count", worse: "higher", what: "leaks found by trend or by tool" },
  incidents: { statistic: "count", unit: "count", worse: "higher", what: "incidents in production" },
  "security-incidents": { statistic: "count", unit: "count", worse: "higher", what: "security incidents" },
  "unhealthy-pods": {
    statistic: "count",
    unit: "count",
    worse: "higher",
    what: "pods that aren't healthy and running",
  },
  "byzantine-attacks": { statistic: "count", unit: "count", worse: "higher", what: "Byzantine attacks detected" },
  "byzantine-successes": {
    statistic: "count",
    unit: "count",
    worse: "higher",
    what: "Byzantine attacks that succeeded",
  },
  "integrity-violations": { statistic: "count", unit: "count", worse: "higher", what: "violations of data integrity" },
  "data-losses": { statistic: "count", unit: "count", worse: "higher", what: "losses of data" },
  "data-corruptions": { statistic: "count", unit: "count", worse: "higher", what: "corruptions of customers' data" },
  "invariant-violations": {
    statistic: "count",
    unit: "count",
    worse: "higher",
    what: "violated invariants of the patch engine",
  },
  "circuit-breaker-trips": {
    statistic: "count",
    unit: "count",
    worse: "higher",
    what: "times that a circuit breaker opened",
  },
  "resource-starvations": {
    statistic: "count",
    unit: "count",
    worse: "higher",
    what: "workloads left without resources",
  },
  "out-of-memory-kills": { statistic: "count", unit: "count", worse: "higher", what: "processes killed for memory" },
  "unplanned-failovers": {
    statistic: "count",
    unit: "count",
    worse: "higher",
    what: "failovers outside announced drills",
  },
  "unplanned-rollbacks": { statistic: "count", unit: "count", worse: "higher", what: "rollbacks that nobody planned" },
  "customer-escalations": { statistic: "count", unit: "count", worse: "higher", what: "escalations by customers" },
  "customer-issues": {
    statistic: "count",
    unit: "count",
    worse: "higher",
    what: "customers with an issue at the same time",
  },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;
