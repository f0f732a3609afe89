import type { Rule } from "./rule.ts";
import { carryingRules, climbingRules } from "./rules/climbing.ts";
import { countingRules } from "./rules/counting.ts";
import { landingRules, planRules } from "./rules/landing.ts";
import { shapeRules, statusRules } from "./rules/shape.ts";

/** Everything that the API server knows about legal Rollouts. Deletion and what takes other objects are policies. */
export const rolloutRules: readonly Rule[] = [
  ...shapeRules,
  ...statusRules,
  ...countingRules,
  ...carryingRules,
  ...climbingRules,
  ...landingRules,
  ...planRules,
];
