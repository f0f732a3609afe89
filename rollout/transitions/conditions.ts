import { changedVariables, type Variable } from "./classify.ts";
import type { StepFacts } from "./facts.ts";
import { currentAbort, hasPassed, type LiveRollout, type RolloutPhase, type RolloutSpec } from "./model.ts";
import { analyzer, type Reason, when } from "./reason.ts";

/** One change at a time: against variables that changed beside the ones that this kind of step is about. */
export function againstCarrying(old: RolloutSpec, next: RolloutSpec, allowed: readonly Variable[]): Reason[] {
  const extra = changedVariables(old, next).filter((variable) => !allowed.includes(variable));
  return when(
    extra.length > 0,
    "one-thing-at-a-time",
    `it also changes ${extra.join(", ")}`,
    "change only one thing, then the other with the next `up`",
  );
}

/** Against going up while the live object is not calm: aborted, held, on its way out, or not yet observed. */
export function againstUnsteady(live: LiveRollout): Reason[] {
  const { spec } = live;
  const abort = currentAbort(live);
  return [
    ...when(
      abort !== undefined,
      "aborted",
      `attempt ${spec.attempt} was aborted by ${abort?.trigger} (${abort?.reason})`,
      "land again with a mended artifact, or with `retry` and a reason",
    ),
    ...when(spec.hold, "held", "the rollout is held", "take `hold` away in a change of its own"),
    ...againstDecommission(spec),
    ...againstUnobserved(live),
  ];
}

export function againstDecommission(spec: Pick<RolloutSpec, "decommission">): Reason[] {
  return when(
    spec.decommission,
    "decommission",
    "the system is being decommissioned",
    "take `decommission` away in a change of its own",
  );
}

/** Against trusting a status that speaks of an earlier step, or an exposure that hasn't arrived yet. */
export function againstUnobserved({ spec, status }: LiveRollout): Reason[] {
  return [
    ...when(
      status.observedStep !== spec.step,
      "observed",
      `the analyzer has seen step ${status.observedStep}, the Rollout is at step ${spec.step}`,
      "wait until it has caught up; `rampart doctor` tells whether it runs",
      analyzer,
    ),
    ...when(
      !status.onTarget,
      "on-target",
      "the measured exposure isn't yet what the Rollout asks for",
      "wait until it is",
      analyzer,
    ),
  ];
}

export function againstUnpassed(live: LiveRollout, phases: readonly RolloutPhase[]): Reason[] {
  const missing = phases.filter((phase) => !hasPassed(live, phase.name)).map(({ name }) => name);
  return when(
    missing.length > 0,
    "passed",
    `${missing.join(", ")} has not passed for this revision in attempt ${live.spec.attempt}`,
    "wait for the verdict; `rampart readiness` lists what is missing and who can supply it",
    analyzer,
  );
}

export function againstUnmetNeeds(facts: StepFacts): Reason[] {
  return facts.unmetNeeds.flatMap((need) => when(true, "dependency", need, "move the needed system first"));
}

const isZero = (phase: RolloutPhase): boolean => Object.values(phase.exposure).every((percent) => percent === 0);

/** Production leaves 0 % only with an artifact that staging has passed. */
export function againstSkippingStaging(from: RolloutPhase, to: RolloutPhase, facts: StepFacts): Reason[] {
  return when(
    facts.environment === "production" && isZero(from) && !isZero(to) && !facts.stagingPassed,
    "staging-first",
    "there is no signed pass of staging for this artifact",
    "walk the staging ladder with the same artifact first",
  );
}
