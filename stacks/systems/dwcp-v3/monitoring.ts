import { alert, from, objective, proposed } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";

const v1 = { of: "stable", as: "ratio" } as const;
const later = (requirement: `S4-${number}`) => proposed("X-85", requirement);

/** The first six are the seed's own rules; the rest are the alert columns of its tables. */
export const alerts: Plan["alerts"] = [
  alert("DWCPv3HighErrorRate", "critical", "error-ratio", ">", 0.01, "2m", proposed("X-66", "S4-095")),
  alert("DWCPv3DataLoss", "critical", "data-losses", ">", 0, "0s", from("S4-096")),
  alert("DWCPv3SecurityBreach", "critical", "byzantine-successes", ">", 0, "0s", from("S4-028", "S4-097")),
  alert("DWCPv3PerformanceDegradation", "critical", "datacenter-throughput", "<", 0.8, "10m", {
    against: v1,
    ...proposed("X-65", "S4-098"),
  }),
  alert("DWCPv3CompressionLow", "warning", "compression-savings", "<", 0.65, "15m", from("S4-023", "S4-099")),
  alert("DWCPv3HighLatency", "warning", "latency-p95", ">", 100, "10m", from("S4-025", "S4-100")),
  alert("DWCPv3ThroughputLow", "warning", "datacenter-throughput", "<", 0.95, "10m", {
    against: v1,
    ...proposed("X-85", "S4-024", "S4-067"),
  }),
  alert("DWCPv3Errors", "warning", "error-ratio", ">", 0.005, "2m", later("S4-026")),
  alert("DWCPv3MemoryHigh", "warning", "memory", ">", 1.2, "15m", { against: v1, ...proposed("X-85", "S4-027") }),
  alert("DWCPv3CrossDatacenterMigration", "warning", "cross-datacenter-migration-ratio", "<", 0.99, "5m", {
    window: "24h",
    ...proposed("X-85", "S4-047"),
  }),
  alert("DWCPv3MixedCluster", "warning", "mixed-cluster-uptime", "<", 0.999, "5m", later("S4-048")),
  alert("DWCPv3LiveMigration", "warning", "live-migration-ratio", "<", 0.995, "5m", {
    window: "24h",
    ...proposed("X-85", "S4-049"),
  }),
  alert("DWCPv3BandwidthSavings", "warning", "bandwidth-savings", "<", 0.65, "15m", {
    ...proposed("X-85", "S4-050", "S4-068"),
  }),
  alert("DWCPv3Interoperability", "warning", "interoperability-ratio", "<", 1, "5m", later("S4-051")),
  alert("DWCPv3Uptime", "warning", "uptime", "<", 0.999, "0s", { window: "7d", ...proposed("X-85", "S4-066") }),
  alert("DWCPv3SecurityIncident", "critical", "security-incidents", ">", 0, "0s", from("S4-069")),
  alert("DWCPv3Satisfaction", "warning", "customer-satisfaction", "<", 1, "0s", {
    against: { of: "recorded", as: "ratio" },
    ...from("S4-070"),
  }),
];

export const objectives: Plan["objectives"] = [
  objective("datacenter-throughput", "datacenter-throughput", ">=", 100, from("S4-024", "S4-107")),
  objective("compression", "compression-savings", ">=", 0.7, proposed("X-73", "S4-023", "S4-108")),
  objective("latency", "latency-p95", "<", 50, from("S4-025", "S4-109")),
  objective("errors", "error-ratio", "<", 0.001, from("S4-026", "S4-110")),
  objective("memory", "memory", "<", 2.2, from("S4-027", "S4-111")),
  objective("byzantine-resisted", "byzantine-resisted", "==", 1, from("S4-112")),
  objective("uptime", "uptime", ">=", 0.9999, from("S4-066", "S4-115")),
  objective("live-migration", "live-migration-ratio", ">", 0.999, from("S4-049", "S4-116")),
  objective("cross-datacenter-migration", "cross-datacenter-migration-ratio", ">", 0.995, from("S4-047")),
  objective("mixed-cluster", "mixed-cluster-uptime", "==", 1, from("S4-048")),
  objective("interoperability", "interoperability-ratio", "==", 1, from("S4-051")),
  objective("bandwidth-savings", "bandwidth-savings", ">=", 0.7, proposed("X-73", "S4-050", "S4-068", "S4-113")),
];

/** v1, as it was before. */
export const baselines: Plan["baselines"] = [
  { metric: "datacenter-throughput", value: 100, note: "per node", ...from("S4-004", "S4-107") },
  { metric: "latency-p95", value: 30, ...from("S4-109") },
  { metric: "error-ratio", value: 0.0001, ...from("S4-110") },
  { metric: "memory", value: 2, note: "per node", ...from("S4-111") },
  { metric: "byzantine-resisted", value: 0, ...from("S4-112") },
];

export const dashboards: Plan["dashboards"] = [
  { title: "DWCP v3 Rollout Overview", shows: "percent, phase, verdict, timeline", ...from("S4-085") },
  {
    title: "DWCP v3 vs v1 Comparison",
    shows: "throughput, latency and memory per node, v3 beside v1",
    ...from("S4-086", "S4-091", "S4-093"),
  },
  { title: "DWCP v3 Compression Metrics", shows: "savings by mode", ...from("S4-087", "S4-090") },
  { title: "DWCP v3 Security Dashboard", shows: "Byzantine attempts and successes", ...from("S4-088", "S4-094") },
  { title: "DWCP v3 Error Tracking", shows: "errors by type", ...from("S4-089", "S4-092") },
];
