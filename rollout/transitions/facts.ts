import type { SettledRecord } from "./model.ts";

/** What a decision about a step needs to know beside the Rollout itself. */
export interface StepFacts {
  environment: "staging" | "production" | "rehearsal";
  /** Staging has passed this very artifact, whatever staging does now. */
  stagingPassed: boolean;
  /** The last settled state on record; none before the first install. */
  record: SettledRecord | undefined;
  /** Dependencies that the next place would need and that aren't met, in words. */
  unmetNeeds: readonly string[];
}
