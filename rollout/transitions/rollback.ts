import type { Plan } from "../plan/model.ts";
import { followersDown, type ReachedBySystem, reachedBySystem } from "./dependencies.ts";
import { isSettled, type LiveRollout, type RolloutPhase } from "./model.ts";

export type RollbackTarget = "zero" | "previous";

/** One system on its way down. */
export interface Descent {
  readonly system: string;
  /** Which of its drain actions take it there. */
  readonly to: RollbackTarget;
  /** Where its config has to stand afterwards. */
  readonly phase: RolloutPhase;
  /** The attempt that is over with it; none when it only takes a step back. */
  readonly endsAttempt: number | undefined;
}

type Rollouts = Readonly<Partial<Record<string, { rollout?: LiveRollout | undefined }>>>;

/**
 * Who goes down, in this order: those that need the system first. Only live objects count, and an abort is left out of
 * them, so that a rollback that was interrupted is planned the same way again.
 */
export function planRollback(
  system: string,
  to: RollbackTarget,
  plans: readonly Plan[],
  rollouts: Rollouts,
): Descent[] {
  const live = rollouts[system]?.rollout;
  if (!live || isSettled(live.spec)) return [];
  const own = descent(live, to);
  const followers = followersDown(system, own.phase.percent, plans, reachedByConfig(rollouts));
  return [...followers.map((name) => follow(rollouts[name]!.rollout!, own)), own];
}

function descent({ spec }: LiveRollout, to: RollbackTarget): Descent {
  const first = spec.phases[0]!;
  const before = spec.phases[spec.phases.findIndex(({ name }) => name === spec.phase) - 1] ?? first;
  return to === "zero"
    ? { system: spec.system, to, phase: first, endsAttempt: spec.attempt }
    : { system: spec.system, to, phase: before, endsAttempt: undefined };
}

/** A follower takes the same way, and where that isn't low enough, it goes down all the way. */
function follow(live: LiveRollout, { to, phase }: Descent): Descent {
  const same = descent(live, to);
  return same.phase.percent <= phase.percent ? same : descent(live, "zero");
}

function reachedByConfig(rollouts: Rollouts): ReachedBySystem {
  const withoutAborts = Object.entries(rollouts).map(([system, one]) => {
    const rollout = one?.rollout;
    return [system, rollout ? { rollout: { ...rollout, status: { ...rollout.status, aborted: undefined } } } : {}];
  });
  return reachedBySystem(Object.fromEntries(withoutAborts));
}
