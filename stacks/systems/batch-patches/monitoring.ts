import { alert, from, objective, proposed } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";

const stable = { of: "stable", as: "ratio" } as const;

/** The seed gives lines, but no durations; they are short where it hurts and longer where it wobbles. */
export const alerts: Plan["alerts"] = [
  alert("BatchPatchesErrorsHigh", "warning", "error-ratio", ">", 0.05, "5m", proposed("X-85", "S2-095")),
  alert("BatchPatchesErrorsCritical", "critical", "error-ratio", ">", 0.1, "5m", proposed("X-85", "S2-095")),
  alert("BatchPatchesSuccessLow", "warning", "success-ratio", "<", 0.95, "5m", proposed("X-85", "S2-096")),
  alert("BatchPatchesSuccessCritical", "critical", "success-ratio", "<", 0.9, "5m", proposed("X-85", "S2-096")),
  alert("BatchPatchesLatencyP95High", "warning", "latency-p95", ">", 600, "5m", proposed("X-85", "S2-097")),
  alert("BatchPatchesLatencyP95Critical", "critical", "latency-p95", ">", 1000, "5m", proposed("X-85", "S2-097")),
  alert("BatchPatchesLatencyP99High", "warning", "latency-p99", ">", 800, "5m", proposed("X-85", "S2-098")),
  alert("BatchPatchesLatencyP99Critical", "critical", "latency-p99", ">", 1500, "5m", proposed("X-85", "S2-098")),
  alert("BatchPatchesMemoryHigh", "warning", "memory", ">", 1.5, "15m", {
    against: stable,
    ...proposed("X-85", "S2-099"),
  }),
  alert("BatchPatchesMemoryCritical", "critical", "memory", ">", 2, "5m", {
    against: stable,
    ...proposed("X-85", "S2-099"),
  }),
  alert("BatchPatchesCpuHigh", "warning", "cpu-per-request", ">", 1.4, "15m", {
    against: stable,
    ...proposed("X-85", "S2-100"),
  }),
  alert("BatchPatchesCpuCritical", "critical", "cpu-per-request", ">", 1.8, "5m", {
    against: stable,
    ...proposed("X-85", "S2-100"),
  }),
  alert("BatchPatchesInvariantsViolated", "warning", "invariant-violations", ">", 5, "0s", {
    window: "1h",
    ...proposed("X-85", "S2-101"),
  }),
  alert("BatchPatchesInvariantsCritical", "critical", "invariant-violations", ">", 10, "0s", {
    window: "1h",
    ...proposed("X-85", "S2-101"),
  }),
];

export const objectives: Plan["objectives"] = [
  objective("errors", "error-ratio", "<", 0.02, from("S2-095", "S2-132")),
  objective("success", "success-ratio", ">", 0.98, from("S2-096")),
  objective("latency-p95", "latency-p95", "<", 400, from("S2-097")),
  objective("latency-p99", "latency-p99", "<", 500, from("S2-098")),
  objective("invariants", "invariant-violations", "==", 0, from("S2-101")),
  objective("uptime", "uptime", ">=", 0.999, from("S2-135")),
  objective("satisfaction", "customer-satisfaction", ">", 4.5, from("S2-133")),
  objective("benchmark", "benchmark-500-patches", "<", 5, from("S2-007")),
];

export const baselines: Plan["baselines"] = [
  {
    metric: "monthly-cost",
    value: 150,
    upTo: 200,
    note: "estimate; the benefit case reckons with 200",
    ...from("S2-115"),
  },
  { metric: "uptime", value: 0.98, note: "of batch operations, as the benefit case has it", ...from("S2-117") },
];

export const dashboards: Plan["dashboards"] = [
  {
    title: "BATCH PATCHES v1.0.0 - ROLLOUT",
    refresh: "10s",
    shows:
      "wave and percent, day and hours, status; error ratio, success ratio, P99, memory, batches per second, each with its change; incidents and alerts by severity, last issue",
    ...from("S2-090", "S2-091", "S2-092", "S2-093"),
  },
];
