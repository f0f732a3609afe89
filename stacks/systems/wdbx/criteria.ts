import { criterion, from, none, proposed, trigger } from "../../../rollout/plan/builders.ts";
import type { Criterion, Trigger } from "../../../rollout/plan/model.ts";

/** The soak of staging: figures of the seed's first phase and of its go decision. */
export const staging: readonly Criterion[] = [
  criterion("throughput", "capacity", ">", 2500, { window: "24h", ...from("S0-20", "S0-107") }),
  criterion("latency", "latency-p95", "<", 1, { window: "24h", ...from("S0-21") }),
  none("leaks", "memory-leaks", from("S0-22")),
  none("critical-alerts", "critical-alerts", { window: "48h", ...from("S0-108") }),
];

/** What the canary has to hold; absolute figures are the seed's production targets. */
export const canary: readonly Criterion[] = [
  criterion("performance", "throughput", ">=", 0.9, {
    against: { of: "stable", as: "ratio" },
    ...proposed("X-87", "S0-42"),
  }),
  criterion("errors", "error-ratio", "<=", 0.001, {
    against: { of: "stable", as: "points" },
    ...proposed("X-87", "S0-43"),
  }),
  criterion("latency", "latency-p95", "<", 1, from("S0-44", "S0-57")),
  criterion("success", "success-ratio", ">", 0.995, from("S0-58")),
  criterion("memory", "memory", "<", 24, from("S0-45", "S0-59")),
  criterion("connections", "connections", "<", 4000, from("S0-60")),
  none("incidents", "incidents", from("S0-46")),
];

/** No stable track is left to compare with, so throughput is what the whole system can do. */
export const full: readonly Criterion[] = [
  criterion("throughput", "capacity", ">", 2500, { ...proposed("X-10", "S0-56") }),
  ...canary.filter(({ against }) => !against),
];

/** The seed's critical alerts, as ends of the attempt. */
export const triggers: readonly Trigger[] = [
  trigger("throughput-lost", "capacity", "<", 2000, "30s", proposed("X-85", "S0-83")),
  trigger("latency-doubled", "latency-p95", ">", 2, "30s", proposed("X-85", "S0-85")),
  trigger("success-lost", "success-ratio", "<", 0.99, "30s", proposed("X-85", "S0-87")),
];
