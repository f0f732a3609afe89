import { proposed } from "../../../rollout/plan/builders.ts";
import type { Criterion, Plan, Trigger } from "../../../rollout/plan/model.ts";

/** Shares are a first guess; the config knows the real ones. */
export const segments: Plan["segments"] = [
  { name: "internal", title: "employees", share: 1, customers: false, ...proposed("X-88", "S1-069", "S1-076") },
  { name: "beta", title: "beta users, opt-in", share: 2, customers: true, ...proposed("X-88", "S1-070", "S1-077") },
  { name: "premium", title: "premium tier", share: 12, customers: true, ...proposed("X-88", "S1-078") },
  {
    name: "enterprise",
    title: "enterprise tier, risk-averse",
    share: 15,
    customers: true,
    ...proposed("X-88", "S1-079"),
  },
  { name: "standard", title: "standard tier", share: 70, customers: true, ...proposed("X-88", "S1-080") },
];

export const rings: Plan["rings"] = [
  { name: "internal", segments: ["internal"], ...proposed("X-88", "S1-085") },
  { name: "beta", segments: ["beta"], ...proposed("X-88", "S1-085") },
  { name: "tiers", segments: ["premium", "standard"], ...proposed("X-88", "S1-085") },
  { name: "careful", segments: ["enterprise"], ...proposed("X-88", "S1-085") },
];

/** Enterprise stays one rung behind; internal and beta have it all from the first real user on. */
export const exposureAt = {
  0: { internal: 0, beta: 0, premium: 0, enterprise: 0, standard: 0 },
  5: { internal: 100, beta: 100, premium: 10, enterprise: 5, standard: 5 },
  25: { internal: 100, beta: 100, premium: 25, enterprise: 5, standard: 25 },
  50: { internal: 100, beta: 100, premium: 50, enterprise: 25, standard: 50 },
  75: { internal: 100, beta: 100, premium: 75, enterprise: 50, standard: 75 },
  90: { internal: 100, beta: 100, premium: 90, enterprise: 75, standard: 90 },
  100: { internal: 100, beta: 100, premium: 100, enterprise: 100, standard: 100 },
} as const;

interface Judged {
  readonly criteria: readonly Criterion[];
  readonly triggers: readonly Trigger[];
}

/** Limits that each segment has to keep by itself: what breaks for premium users alone is lost among everybody else. */
export const bySegment = ({ criteria, triggers }: Judged): Judged => ({
  criteria: criteria.map((one): Criterion => (one.id === "errors" ? { ...one, ...apart } : one)),
  triggers: triggers.map((one): Trigger => ("metric" in one && one.id === "t3-success" ? { ...one, ...apart } : one)),
});

const apart = { bySegment: true } as const;
