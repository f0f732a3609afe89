import fc from "fast-check";
import type { Phase, Plan } from "../../../rollout/plan/model.ts";
import { plans } from "../../../stacks/systems/plans.ts";

export const anyPlan: fc.Arbitrary<Plan> = fc.constantFrom(...plans);

export const everyPhase: readonly Phase[] = plans.flatMap(({ ladders }) =>
  Object.values(ladders).flatMap((byName) => Object.values(byName).flat()),
);
export const anyPhase: fc.Arbitrary<Phase> = fc.constantFrom(...everyPhase);

export const anyLadder = fc.record({
  plan: anyPlan,
  environment: fc.constantFrom("staging" as const, "production" as const),
  ladder: fc.constantFrom("normal" as const, "expedited" as const),
});

/** The same value with its keys in another order, all the way down. */
export function shuffled<T>(value: T, seed: number): T {
  if (Array.isArray(value)) return value.map((one) => shuffled(one, seed)) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, shuffled(child, seed)] as const);
  const turn = entries.length === 0 ? 0 : seed % entries.length;
  return Object.fromEntries([...entries.slice(turn), ...entries.slice(0, turn)].reverse()) as T;
}
