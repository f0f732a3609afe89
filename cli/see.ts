import { stagingPasses } from "../live/staging-passes.ts";
import { plans } from "../stacks/systems/plans.ts";
import { findPlan } from "./plans.ts";
import { configOf, liveOf, type Stack } from "./stack.ts";
import type { Seen } from "./status-report.ts";

/** Config and cluster as they are now. */
export async function see(stack: Stack): Promise<Seen> {
  const config = configOf(stack);
  const hasPassed = stagingPasses(stack.directory, config.environment);
  return {
    config,
    live: await liveOf(stack),
    plans,
    stagingPassed: (name, artifact) => hasPassed(findPlan(name), artifact),
    now: Date.now() / 1000,
  };
}
