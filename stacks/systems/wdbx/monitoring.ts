import { alert, from, objective, proposed } from "../../../rollout/plan/builders.ts";
import type { Plan } from "../../../rollout/plan/model.ts";

/** Windows and durations are short on purpose: thirty seconds from fault to page. */
export const alerts: Plan["alerts"] = [
  alert("WdbxThroughputLost", "critical", "capacity", "<", 2000, "0s", from("S0-83")),
  alert("WdbxThroughputLow", "warning", "capacity", "<", 2500, "0s", from("S0-84")),
  alert("WdbxLatencyCritical", "critical", "latency-p95", ">", 2, "0s", from("S0-85")),
  alert("WdbxLatencyHigh", "warning", "latency-p95", ">", 1, "0s", from("S0-86")),
  alert("WdbxSuccessLost", "critical", "success-ratio", "<", 0.99, "0s", from("S0-87")),
  alert("WdbxSuccessLow", "warning", "success-ratio", "<", 0.995, "0s", from("S0-88")),
  alert("WdbxMemoryHigh", "warning", "memory", ">", 28, "0s", from("S0-59")),
  alert("WdbxConnectionsHigh", "warning", "connections", ">", 4500, "0s", from("S0-60")),
];

export const objectives: Plan["objectives"] = [
  objective("throughput", "capacity", ">=", 2777, from("S0-56", "S0-80", "S0-120")),
  objective("latency", "latency-p95", "<", 1, from("S0-57", "S0-81", "S0-120")),
  objective("success", "success-ratio", ">", 0.995, from("S0-58")),
  objective("success-kpi", "success-ratio", ">", 0.9998, from("S0-82")),
  objective("memory", "memory", "<", 24, from("S0-59")),
  objective("connections", "connections", "<", 4000, from("S0-60")),
];

/** What the stress tests found before there were any users. */
export const baselines: Plan["baselines"] = [
  { metric: "capacity", value: 2777, upTo: 2790, note: "every scenario", ...from("S0-05") },
  { metric: "latency-mean", value: 0.783, upTo: 0.885, note: "an average, not a 95th percentile", ...from("S0-06") },
  { metric: "success-ratio", value: 0.9998, note: "5,000 connections at once", ...from("S0-02", "S0-58") },
  { metric: "uptime", value: 0.8998, note: "with 10 % simulated failures", ...from("S0-03") },
  { metric: "success-ratio", value: 0.9998, note: "2 GB of memory pressure", ...from("S0-04") },
  { metric: "memory-leaks", value: 0, note: "2 GB of memory pressure", ...from("S0-04") },
  { metric: "connections", value: 5000, note: "tested", ...from("S0-60") },
];

export const dashboards: Plan["dashboards"] = [
  { title: "WDBX", shows: "throughput, latency, success, memory, connections", ...proposed("X-17", "S0-77") },
];
