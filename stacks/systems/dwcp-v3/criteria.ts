import { criterion, from, none, proposed, signal, trigger } from "../../../rollout/plan/builders.ts";
import type { Baseline, Criterion, Trigger } from "../../../rollout/plan/model.ts";

/** v1 beside it while there is one, node against node; then what v1 was recorded at. */
const v1: Baseline = { of: "stable", as: "ratio" };
const recordedV1: Baseline = { of: "recorded", as: "ratio" };

const phase1 = (baseline: Baseline): readonly Criterion[] => [
  none("data-losses", "data-losses", from("S4-016")),
  criterion("compression", "compression-savings", ">=", 0.7, from("S4-017")),
  criterion("throughput", "datacenter-throughput", ">=", 0.95, { against: baseline, ...proposed("X-87", "S4-018") }),
  criterion("latency", "latency-p95", "<", 50, from("S4-019")),
  none("byzantine-successes", "byzantine-successes", from("S4-005", "S4-020")),
  criterion("memory", "memory", "<", 1.1, { against: baseline, ...from("S4-021") }),
  none("critical-errors", "critical-errors", from("S4-022")),
  criterion("errors", "error-ratio", "<", 0.001, from("S4-026", "S4-110")),
];

const phase2 = (baseline: Baseline): readonly Criterion[] => [
  ...phase1(baseline),
  criterion("cross-datacenter-migration", "cross-datacenter-migration-ratio", ">", 0.995, from("S4-043")),
  criterion("mixed-cluster", "mixed-cluster-uptime", ">=", 0.999, proposed("X-87", "S4-044")),
  criterion("live-migration", "live-migration-ratio", ">", 0.999, from("S4-045")),
  criterion("bandwidth", "bandwidth-savings", ">=", 0.7, proposed("X-73", "S4-046")),
];

export const at10 = phase1(v1);
export const at50 = phase2(v1);

/** No mixed cluster is left at 100 %. */
export const at100: readonly Criterion[] = [
  ...phase2(recordedV1).filter(({ id }) => id !== "mixed-cluster"),
  none("critical-alerts", "critical-alerts", proposed("X-87", "S4-062")),
  criterion("uptime", "uptime", ">=", 0.9999, from("S4-066", "S4-115")),
  none("security-incidents", "security-incidents", from("S4-064", "S4-069")),
];

const instant = (baseline: Baseline): readonly Trigger[] => [
  trigger("critical-alert", "critical-alerts", ">", 0, "0s", proposed("X-85", "S4-030")),
  trigger("errors-critical", "error-ratio", ">", 0.01, "2m", proposed("X-66", "S4-074", "S4-095")),
  trigger("data-loss", "data-losses", ">", 0, "0s", from("S4-075", "S4-096")),
  trigger("byzantine-success", "byzantine-successes", ">", 0, "0s", from("S4-076", "S4-097")),
  trigger("degradation", "datacenter-throughput", "<", 0.8, "10m", {
    against: baseline,
    ...proposed("X-65", "S4-077", "S4-098"),
  }),
  signal("customer-impact", "customers report an impact", from("S4-032", "S4-078")),
  signal("vulnerability", "a security vulnerability is found or exploited", from("S4-033", "S4-076")),
];

/** The seed's lower line goes back one phase, the higher one to nothing. */
const errorsOverHalfPercent = trigger("errors", "error-ratio", ">", 0.005, "2m", {
  action: "previous-phase",
  ...proposed("X-67", "S4-031", "S4-083"),
});

const migrations: readonly Trigger[] = [
  trigger("migration-failures", "live-migration-failure-ratio", ">", 0.005, "0s", {
    window: "24h",
    minimum: { trials: 1000 },
    action: "previous-phase",
    ...proposed("X-68", "S4-055"),
  }),
  trigger("cross-datacenter-failures", "cross-datacenter-migration-ratio", "<", 0.99, "0s", {
    window: "24h",
    minimum: { trials: 500 },
    action: "previous-phase",
    ...proposed("X-68", "S4-047"),
  }),
];

export const triggersAt10: readonly Trigger[] = [...instant(v1), errorsOverHalfPercent];

export const triggersAt50: readonly Trigger[] = [
  ...triggersAt10,
  ...migrations,
  trigger("mixed-cluster", "mixed-cluster-uptime", "<", 0.999, "5m", {
    action: "previous-phase",
    ...proposed("X-85", "S4-053", "S4-054"),
  }),
];

export const triggersAt100: readonly Trigger[] = [...instant(recordedV1), errorsOverHalfPercent, ...migrations];

/** The phase before is at 100 % too, so the only way back is all of it. */
export const triggersAtDeprecation: readonly Trigger[] = triggersAt100.map((one) => ({ ...one, action: "zero" }));
