import { plans } from "../stacks/systems/plans.ts";
import { configOf, liveOf, type Stack } from "./stack.ts";
import { hasStagingPassed } from "./staging.ts";
import type { Seen } from "./status-report.ts";

/** Config and cluster as they are now. */
export async function see(stack: Stack): Promise<Seen> {
  const config = configOf(stack);
  return {
    config,
    live: await liveOf(stack),
    plans,
    stagingPassed: (name, artifact) => hasStagingPassed(stack.directory, config.environment, name, artifact),
    now: Date.now() / 1000,
  };
}
