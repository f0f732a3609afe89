import { percentOf } from "../exposure/exposure.ts";
import type { Plan } from "../plan/model.ts";
import { followersDown, reachedBySystem } from "../transitions/dependencies.ts";
import { currentAbort, isSettled, type LiveRollout } from "../transitions/model.ts";
import { abortTarget, type Ending } from "./abort.ts";

type Rollouts = Readonly<Record<string, LiveRollout>>;

/** Who has to go down with a system that was ended, and how far: first to last, each before the one that it needs. */
export interface Following {
  readonly system: string;
  readonly ending: Ending;
}

/**
 * Those that their plan doesn't allow above the system that was ended. One that only had to be reached first stays where
 * it is: it is held, since nothing raises it before its need is met again.
 */
export function followersOf(
  ended: LiveRollout,
  abort: { trigger: string; reason: string; to: Readonly<Record<string, number>> },
  plans: readonly Plan[],
  rollouts: Rollouts,
): Following[] {
  const { system } = ended.spec;
  const percent = highest(abort.to);
  const reached = reachedBySystem(
    Object.fromEntries(Object.entries(rollouts).map(([name, rollout]) => [name, { rollout }])),
  );
  return followersDown(system, percent, plans, reached).flatMap((name) => {
    const rollout = rollouts[name];
    if (!rollout || isSettled(rollout.spec)) return [];
    const reason = `${system} went down to ${percent} % (${abort.trigger}: ${abort.reason}), and ${name} is never above it`;
    const action = highest(abortTarget(rollout, "previous-phase")) <= percent ? "previous-phase" : "zero";
    return [{ system: name, ending: { trigger: `down-with-${system}`, reason, action } as const }];
  });
}

/** All that ended attempts leave too high, also where whoever ended them died before it came to the followers. */
export function leftTooHigh(plans: readonly Plan[], rollouts: Rollouts): Following[] {
  return Object.values(rollouts).flatMap((rollout) => {
    const abort = currentAbort(rollout);
    return abort ? followersOf(rollout, abort, plans, rollouts) : [];
  });
}

const highest = (to: Readonly<Record<string, number>>): number =>
  Math.max(0, ...Object.keys(to).map((segment) => percentOf(to, segment)));
