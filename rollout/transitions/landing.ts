import { againstCarrying, againstDecommission, againstUnmetNeeds, againstUnobserved } from "./conditions.ts";
import type { StepFacts } from "./facts.ts";
import {
  currentAbort,
  isAtFirstPhase,
  isSettled,
  isSettleFinished,
  type LiveRollout,
  placeOf,
  type RolloutSpec,
} from "./model.ts";
import { analyzer, type Reason, when } from "./reason.ts";

const firstPlace = (spec: RolloutSpec): string => `${spec.phases[0]?.name} (${spec.phases[0]?.percent} %)`;

/** A new attempt begins: from settled, from the first phase, or after an abort that is on target. */
export function againstLanding(live: LiveRollout, next: RolloutSpec, facts: StepFacts): Reason[] {
  const { spec: old } = live;
  const isSameArtifact = next.artifact === old.artifact;
  return [
    ...againstLeaving(live, facts),
    ...when(
      !isAtFirstPhase(next),
      "landing-place",
      isSettled(next) ? "a settled system changes only with a new artifact" : "a new attempt starts at the bottom",
      `land at ${firstPlace(next)}`,
    ),
    ...when(
      isSameArtifact && next.retry < old.retry,
      "retry-grows",
      `retry was ${old.retry} for this artifact and can't become ${next.retry}`,
      `leave it, or write ${old.retry + 1} with a reason`,
    ),
    ...when(next.hold, "held", "the rollout is held", "take `hold` away"),
    ...againstDecommission(next),
    ...againstUnmetNeeds(facts),
  ];
}

/** Giving the artifact up is legal wherever a new one could land. */
export function againstLeaving(live: LiveRollout, facts: StepFacts): Reason[] {
  const { spec } = live;
  if (currentAbort(live)) return againstUnobserved(live);
  if (isSettled(spec)) {
    return when(
      !isSettleFinished(spec, facts.record),
      "settle-finished",
      `stable doesn't run ${spec.stable} everywhere yet`,
      "wait until the settle is done",
      analyzer,
    );
  }
  return when(
    !isAtFirstPhase(spec),
    "landing-start",
    `${spec.artifact} is still at ${placeOf(spec)}`,
    `go down to ${firstPlace(spec)} first, or climb on and settle`,
  );
}

/** A Rollout is created at the first phase or settled, on top of what the record says is out there. */
export function againstCreate(next: RolloutSpec, facts: StepFacts): Reason[] {
  const { record } = facts;
  const attempt = (record?.attempt ?? 0) + 1;
  return [
    ...when(
      !isSettled(next) && !isAtFirstPhase(next),
      "create-place",
      `a new Rollout doesn't start at ${placeOf(next)}`,
      `start settled, or at ${firstPlace(next)}; on a rebuilt cluster \`rampart restore\` climbs from there`,
    ),
    ...when(
      record !== undefined && record.artifact !== next.stable,
      "create-record",
      `the last settled artifact on record is ${record?.artifact}`,
      "name it as stable",
    ),
    ...when(
      next.attempt !== attempt || next.step !== 1,
      "counters",
      `attempt ${next.attempt} and step ${next.step} instead of ${attempt} and 1`,
      "leave the counting to the program",
    ),
    ...againstDecommission(next),
    ...againstUnmetNeeds(facts),
  ];
}

export function againstDecommissioning(live: LiveRollout, next: RolloutSpec): Reason[] {
  const { spec } = live;
  return [
    ...againstCarrying(spec, next, ["decommission"]),
    ...when(
      !isSettled(spec) && !isAtFirstPhase(spec),
      "decommission-start",
      `it is at ${placeOf(spec)}`,
      `go down to ${firstPlace(spec)} first, or settle`,
    ),
  ];
}

/** Removing the object takes the guards with it. */
export function againstRemoval(live: LiveRollout): Reason[] {
  return [
    ...when(
      !live.spec.decommission,
      "decommission-first",
      "it isn't marked for removal",
      "set `decommission: true` in a change of its own, then take the key away",
    ),
    ...againstUnobserved(live),
  ];
}
