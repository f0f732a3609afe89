import { alert, from, objective } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";

export const alerts: Plan["alerts"] = [
  alert("PostgresErrors", "critical", "error-ratio", ">", 0.01, "0s", { every: "1m", ...from("S3-116") }),
  alert("PostgresLatency", "critical", "latency-p95", ">", 1000, "0s", { every: "1m", ...from("S3-117") }),
  alert("PostgresCpu", "warning", "cpu", ">", 0.8, "0s", { every: "5m", ...from("S3-118") }),
  alert("PostgresMemory", "warning", "memory-ratio", ">", 0.85, "0s", { every: "5m", ...from("S3-119") }),
  alert("PostgresConnections", "warning", "connection-ratio", ">", 0.9, "0s", { every: "5m", ...from("S3-120") }),
  alert("PostgresReplicationLag", "critical", "replication-lag", ">", 500, "0s", { every: "10s", ...from("S3-121") }),
  alert("PostgresDiskBusy", "warning", "disk-busy", ">", 0.85, "0s", { every: "5m", ...from("S3-122") }),
  alert("PostgresWalFlush", "warning", "wal-flush", ">", 50, "0s", { every: "10m", ...from("S3-123") }),
];

/** The first day is watched against these. */
export const objectives: Plan["objectives"] = [
  objective("errors", "error-ratio", "<", 0.001, from("S3-116")),
  objective("latency", "latency-p95", "<", 500, from("S3-117")),
  objective("cpu", "cpu", "<", 0.6, from("S3-118")),
  objective("memory", "memory-ratio", "<", 0.7, from("S3-119")),
  objective("connections", "connection-ratio", "<", 0.7, from("S3-120")),
  objective("replication-lag", "replication-lag", "<", 100, from("S3-121")),
  objective("disk-busy", "disk-busy", "<", 0.7, from("S3-122")),
  objective("wal-flush", "wal-flush", "<", 10, from("S3-123")),
  objective("vector-search", "vector-search-p95", "<", 50, from("S3-071")),
];

export const responses: Plan["responses"] = [
  { issue: "error rate spike", severity: "critical", within: "5m", action: "trigger rollback", ...from("S3-131") },
  { issue: "high memory usage", severity: "high", within: "15m", action: "scale up or investigate", ...from("S3-132") },
  { issue: "replication lag", severity: "high", within: "10m", action: "failover or investigate", ...from("S3-133") },
  {
    issue: "pool exhausted",
    severity: "medium",
    within: "30m",
    action: "scale or tune connections",
    ...from("S3-134"),
  },
  { issue: "slow query", severity: "medium", within: "60m", action: "review index or plan", ...from("S3-135") },
  { issue: "alert storm", severity: "low", action: "investigate the alert rules", ...from("S3-136") },
];

export const dashboards: Plan["dashboards"] = [
  {
    title: "Production-Rollout-Watch",
    shows: "the eight figures of the first 24 hours beside their targets and alert lines",
    ...from("S3-115"),
  },
];
