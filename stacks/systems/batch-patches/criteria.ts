import { criterion, from, none, proposed, signal, trigger } from "../../../rollout/plan/builders.ts";
import type { Baseline, Criterion, Trigger } from "../../../rollout/plan/model.ts";

const stable: Baseline = { of: "stable", as: "ratio" };
const recorded: Baseline = { of: "recorded", as: "ratio" };

const ofWave1: readonly Criterion[] = [
  criterion("errors", "error-ratio", "<", 0.05, from("S2-034")),
  criterion("latency-p95", "latency-p95", "<", 500, from("S2-035")),
];

/** Every wave keeps what the waves before it had to hold. */
export const wave1: readonly Criterion[] = [none("critical-alerts", "critical-alerts", from("S2-033")), ...ofWave1];

export const wave2: readonly Criterion[] = [
  none("new-critical-alerts", "critical-alerts", from("S2-049")),
  ...ofWave1,
  criterion("error-trend", "error-ratio-trend", "<=", 0.0001, proposed("X-87", "S2-050")),
  criterion("latency-p99", "latency-p99", "<", 500, proposed("X-87", "S2-051")),
];

export const wave3: readonly Criterion[] = [
  ...wave2,
  criterion("latency-trend", "latency-trend", "<=", 0.01, proposed("X-87", "S2-064")),
];

export const wave4: readonly Criterion[] = [...wave3, none("data-losses", "data-losses", proposed("X-87"))];

/** Two weeks at 100 %: what makes it production-grade. */
export const watch: readonly Criterion[] = [
  none("critical-alerts", "critical-alerts", proposed("X-87", "S2-089")),
  criterion("errors-throughout", "error-ratio", "<", 0.02, from("S2-132")),
  criterion("time-to-resolve", "time-to-resolve", "<", 15, from("S2-134")),
  criterion("alert-handling", "alert-handling-time", "<", 30, from("S2-131")),
  criterion("uptime", "uptime", ">=", 0.999, from("S2-135")),
  none("unplanned-rollbacks", "unplanned-rollbacks", from("S2-130")),
  none("data-losses", "data-losses", from("S2-136")),
  none("data-corruptions", "data-corruptions", from("S2-136")),
  criterion("cost", "monthly-cost", "<", 300, from("S2-118")),
];

/** What stays armed from the first wave to the last day. */
const always: readonly Trigger[] = [
  trigger("errors", "error-ratio", ">", 0.1, "5m", from("S2-043")),
  trigger("memory-leak", "memory-leaks", ">", 0, "0s", from("S2-044")),
  trigger("data-corruption", "data-corruptions", ">", 0, "0s", from("S2-045")),
];

export const triggers1: readonly Trigger[] = [
  trigger("critical-alert", "critical-alerts", ">", 0, "0s", from("S2-042")),
  ...always,
];

export const triggers2: readonly Trigger[] = [
  trigger("critical-alert", "critical-alerts", ">", 0, "0s", from("S2-057")),
  ...always,
  trigger("errors-since-wave-1", "error-ratio", ">", 0.05, "5m", {
    against: { of: "phase:wave-1", as: "points" },
    ...proposed("X-43", "S2-058"),
  }),
  signal("customer-data-loss", "a customer reports lost or corrupted data", from("S2-059")),
  trigger("degradation", "latency-p95", ">", 1.5, "5m", { against: stable, ...proposed("X-85", "S2-060") }),
];

export const triggers3: readonly Trigger[] = [
  trigger("critical-alert", "critical-alerts", ">", 0, "0s", from("S2-070")),
  ...always.filter(({ id }) => id !== "errors"),
  trigger("errors", "error-ratio", ">", 0.1, "5m", proposed("X-43", "S2-071")),
  trigger("cpu-spike", "cpu-per-request", ">", 1.8, "5m", { against: stable, ...proposed("X-85", "S2-072") }),
  trigger("memory-spike", "memory", ">", 2, "5m", { against: stable, ...proposed("X-85", "S2-072") }),
  trigger("escalations", "customer-escalations", ">", 5, "0s", from("S2-073")),
];

export const triggers4: readonly Trigger[] = [
  trigger("critical-alert", "critical-alerts", ">", 0, "0s", from("S2-084")),
  ...always,
  trigger("customer-issues", "customer-issues", ">=", 2, "0s", proposed("X-85", "S2-085")),
  trigger("integrity", "integrity-violations", ">", 0, "0s", from("S2-086")),
  trigger("latency-p95-below-objective", "latency-p95", ">", 400, "15m", proposed("X-85", "S2-087")),
  trigger("latency-p99-below-objective", "latency-p99", ">", 500, "15m", proposed("X-85", "S2-087")),
  trigger("cpu-spike", "cpu-per-request", ">", 1.8, "5m", { against: recorded, ...proposed("X-85", "S2-072") }),
  trigger("memory-spike", "memory", ">", 2, "5m", { against: recorded, ...proposed("X-85", "S2-072") }),
];
