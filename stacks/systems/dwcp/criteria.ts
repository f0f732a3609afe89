import { criterion, from, none, proposed, trigger } from "../../../rollout/plan/builders.ts";
import type { Criterion, Trigger } from "../../../rollout/plan/model.ts";

/** What every rung asks of each of the six. */
export const criteria: readonly Criterion[] = [
  criterion("errors", "error-ratio", "<=", 0.001, { window: "24h", ...proposed("X-87", "S1-131") }),
  criterion("latency", "latency-p99", "<=", 1.1, {
    against: { of: "stable", as: "ratio" },
    ...proposed("X-87"),
  }),
  none("critical-alerts", "critical-alerts", proposed("X-87")),
];

/** At 100 % there is nothing left to compare with but what the last split phase recorded. */
export const criteriaAtFull: readonly Criterion[] = criteria.map((one) =>
  one.against ? { ...one, against: { of: "recorded", as: one.against.as } } : one,
);

const stable = (as: "ratio" | "points") => ({ against: { of: "stable", as } }) as const;

/** The seed's eight. The comparisons also need a sample, else one error doubles a ratio of nothing. */
export const triggers: readonly Trigger[] = [
  trigger("t1-errors", "error-ratio", ">", 1.5, "5m", {
    ...stable("ratio"),
    minimum: { trials: 1000, events: 10 },
    ...proposed("X-31", "S1-055"),
  }),
  trigger("t2-latency", "latency-p99", ">", 2, "5m", {
    ...stable("ratio"),
    minimum: { trials: 2000 },
    ...proposed("X-31", "S1-056"),
  }),
  trigger("t3-success", "success-ratio", "<", 0.95, "3m", { minimum: { trials: 100 }, ...proposed("X-31", "S1-057") }),
  trigger("t4-throughput", "throughput", "<", 0.8, "10m", { ...stable("ratio"), ...from("S1-058") }),
  trigger("t5-byzantine-attack", "byzantine-attacks", ">", 0, "0s", from("S1-059")),
  trigger("t6-integrity", "integrity-violations", ">", 0, "0s", from("S1-060")),
  trigger("t7-memory", "memory-ratio", ">", 0.95, "5m", from("S1-061")),
  trigger("t8-breaker-storm", "circuit-breaker-trips", ">", 10, "0s", { window: "5m", ...from("S1-062") }),
];

export const triggersAtFull: readonly Trigger[] = triggers.map((one) =>
  "metric" in one && one.against ? { ...one, against: { of: "recorded", as: one.against.as } } : one,
);
