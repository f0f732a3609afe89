import type { MetricName } from "./metrics.ts";
import type { Condition, Phase } from "./model.ts";

/** What a system does as a whole, and a smaller one can't. */
const wholes: readonly MetricName[] = ["capacity", "committed-transactions"];

/** The phase as a rehearsal is judged by it that is so many times smaller than the plan. */
export function smaller(phase: Phase, by: number): Phase {
  if (by === 1) return phase;
  const { criteria, triggers } = phase;
  return {
    ...phase,
    criteria: criteria.map((one) => asked(one, by)),
    triggers: triggers.map((one) => ("metric" in one ? asked(one, by) : one)),
  };
}

/** A comparison with another is one whatever the size. */
const asked = <T extends Condition>(condition: T, by: number): T =>
  wholes.includes(condition.metric) && !condition.against ? { ...condition, value: condition.value / by } : condition;
