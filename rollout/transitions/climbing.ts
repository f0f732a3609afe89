import {
  againstCarrying,
  againstSkippingStaging,
  againstUnmetNeeds,
  againstUnpassed,
  againstUnsteady,
} from "./conditions.ts";
import type { StepFacts } from "./facts.ts";
import { isSettleFinished, type LiveRollout, placeOf, positionOf, type RolloutSpec } from "./model.ts";
import { type Reason, when } from "./reason.ts";

/** The next phase, by index: the one after it only once that one has passed. */
export function againstAdvance(live: LiveRollout, next: RolloutSpec, facts: StepFacts): Reason[] {
  const { spec: old } = live;
  const from = positionOf(old);
  const to = positionOf({ ...next, phases: old.phases });
  if (from.at !== "phase" || to.at !== "phase") throw new Error("an advance is between two phases of the live ladder");
  const following = old.phases[from.index + 1]!;
  return [
    ...when(
      to.index !== from.index + 1,
      "one-phase-at-a-time",
      `${following.name} comes before it`,
      `go to ${following.name} (${following.percent} %) first`,
    ),
    ...againstCarrying(old, next, ["phase"]),
    ...againstUnsteady(live),
    ...againstUnpassed(live, old.phases.slice(0, from.index + 1)),
    ...againstSkippingStaging(old.phases[from.index]!, old.phases[to.index]!, facts),
    ...againstUnmetNeeds(facts),
  ];
}

/** Only from the last phase, and only when every phase has passed. */
export function againstSettle(live: LiveRollout, next: RolloutSpec): Reason[] {
  const { spec: old } = live;
  const last = old.phases.at(-1)!;
  return [
    ...againstCarrying(old, next, ["stable", "phase"]),
    ...againstUnsteady(live),
    ...when(
      old.phase !== last.name,
      "last-phase",
      `${placeOf(old)} isn't the last phase`,
      `climb to ${last.name} first`,
    ),
    ...againstUnpassed(live, old.phases),
  ];
}

/** Stable may only go back to what it was, and only while the settle is still on its way. */
export function againstUndoSettle(live: LiveRollout, next: RolloutSpec, facts: StepFacts): Reason[] {
  const { spec: old } = live;
  const last = old.phases.at(-1)!;
  const previous = facts.record?.artifact;
  const isFinished = isSettleFinished(old, facts.record);
  return [
    ...againstCarrying(old, next, ["stable", "phase"]),
    ...when(
      isFinished,
      "settle-unfinished",
      "the settle is done",
      "roll the previous version out as a rollout of its own, with the expedited ladder",
    ),
    ...when(
      !isFinished && next.stable !== previous,
      "previous-stable",
      `stable was ${previous} before, not ${next.stable}`,
      `name ${previous}`,
    ),
    ...when(
      next.phase !== last.name,
      "last-phase",
      "an undone settle stands at the last phase",
      `name the phase ${last.name}`,
    ),
  ];
}
