import { isWithin } from "../exposure/exposure.ts";
import { classify } from "./classify.ts";
import {
  currentAbort,
  type DesiredRollout,
  type LiveRollout,
  positionOf,
  type RolloutSpec,
  type SettledRecord,
} from "./model.ts";
import { landingChanges } from "./plan-change.ts";

export interface NextSpec {
  spec: RolloutSpec;
  /** What differs from the wish, and why; said to the person, refused by nobody. */
  notes: string[];
}

/**
 * The spec to write for a wish: counters follow from the live object, and a new plan version never gets in the way of
 * a rollout under way. It is taken up where the rollout stands still or lands; any other step keeps the live plan.
 */
export function nextSpec(
  live: LiveRollout | undefined,
  desired: DesiredRollout,
  record: SettledRecord | undefined,
): NextSpec {
  if (!live) return { spec: { ...desired, attempt: (record?.attempt ?? 0) + 1, step: 1 }, notes: [] };
  const { spec: old } = live;
  const onLivePlan = withPlanOf(old, desired);
  const kind = classify(old, onLivePlan);
  const isLanding = kind === "landing" || kind === "withdraw";
  const attempt = isLanding ? old.attempt + 1 : old.attempt;
  const numbered = (wish: DesiredRollout): RolloutSpec => {
    const isUnchanged = classify(old, wish) === "unchanged";
    return { ...wish, attempt, step: isUnchanged ? old.step : old.step + 1 };
  };
  const drained = isLanding ? [] : notesOnAbort(live, desired);
  if (isLanding) return { spec: numbered(desired), notes: drained };
  const isUnderWay = positionOf(old).at !== "settled";
  // The way down stays what it was while there may be users on the canary.
  const inPlace = isUnderWay ? withDrainOf(old, desired) : desired;
  if (desired.planDigest === old.planDigest) return { spec: numbered(inPlace), notes: drained };

  const standsStill = kind === "unchanged" || kind === "adjust";
  const changes = isUnderWay ? landingChanges(old, desired.phases) : [];
  if (standsStill && changes.length === 0) return { spec: numbered(inPlace), notes: drained };
  const why = standsStill
    ? `would change what this rollout started with (${changes.join(", ")}), so it waits for the next landing`
    : "waits until the rollout stands still for one `up`, because a step moves one thing at a time";
  return { spec: numbered(onLivePlan), notes: [...drained, `${desired.system}: the new plan version ${why}`] };
}

const withPlanOf = (old: RolloutSpec, wish: DesiredRollout): DesiredRollout =>
  withDrainOf(old, { ...wish, planDigest: old.planDigest, phases: old.phases });

const withDrainOf = ({ drain }: RolloutSpec, { drain: _, ...wish }: DesiredRollout): DesiredRollout =>
  drain ? { ...wish, drain } : wish;

/** Whatever the config says, what was drained stays drained until the next landing; whoever runs `up` gets told. */
function notesOnAbort(live: LiveRollout, desired: DesiredRollout): string[] {
  const abort = currentAbort(live);
  const asked = live.spec.phases.find(({ name }) => name === desired.phase);
  if (!abort || !asked || isWithin(asked.exposure, abort.to)) return [];
  const reached = Object.values(abort.to).some((percent) => percent > 0) ? "the previous phase" : "0 %";
  return [
    `${desired.system}: the config says ${asked.percent} %, but attempt ${abort.attempt} was aborted by ${abort.trigger} ` +
      `(${abort.reason}) and stays at ${reached}; go down to ${live.spec.phases[0]!.name}, or land again`,
  ];
}
