import type { Plan } from "../plan/model.ts";
import { currentAbort, isSettled, type LiveRollout } from "./model.ts";

type Dependent = Pick<Plan, "system" | "dependencies" | "interlocks">;

/** How far a system is, for those that need it. */
export interface Reached {
  /** Its stable artifact is the one that was rolled out. */
  settled: boolean;
  /** What its users get now: the phase's percent, or less after an abort. */
  percent: number;
}

/** How far each system of the stack is; one that isn't deployed is missing. */
export type ReachedBySystem = Readonly<Partial<Record<string, Reached>>>;

/** How far live Rollouts have brought their systems; an abort counts as where it took them. */
export function reachedBySystem(
  live: Readonly<Partial<Record<string, { rollout?: LiveRollout | undefined }>>>,
): ReachedBySystem {
  const entries = Object.entries(live).flatMap(([system, one]) =>
    one?.rollout ? [[system, reachedBy(one.rollout)]] : [],
  );
  return Object.fromEntries(entries);
}

function reachedBy(rollout: LiveRollout): Reached {
  const { spec } = rollout;
  const phase = spec.phases.find(({ name }) => name === spec.phase);
  const abort = currentAbort(rollout);
  const percent = isSettled(spec) ? 100 : (phase?.percent ?? 0);
  const left = abort
    ? Math.min(percent, ...(Object.keys(abort.to).length > 0 ? Object.values(abort.to) : [0]))
    : percent;
  return { settled: isSettled(spec), percent: left };
}

/** What a system still lacks before it may be at a percent, in words; a settled need is always met. */
export function unmetNeeds(plan: Dependent, percent: number, reached: ReachedBySystem): string[] {
  if (percent === 0) return [];
  const lacking = plan.dependencies.flatMap((dependency) => {
    const needed = reached[dependency.system];
    const least = dependency.kind === "never-above" ? percent : dependency.percent;
    if (needed && (needed.settled || needed.percent >= least)) return [];
    const is = needed ? `is at ${needed.percent} %` : "isn't deployed in this stack";
    return [`${plan.system} at ${percent} % needs ${dependency.system} at ${least} % or settled, and it ${is}`];
  });
  return [...lacking, ...busyNeighbours(plan, reached)];
}

/** Systems that may not move at the same time, and do. */
function busyNeighbours({ system, interlocks = [] }: Dependent, reached: ReachedBySystem): string[] {
  return interlocks.flatMap(({ systems, why }) =>
    systems.flatMap((other) => {
      const neighbour = reached[other];
      if (!neighbour || neighbour.settled || neighbour.percent === 0) return [];
      return [`${system} and ${other} don't move at once (${why}), and ${other} is at ${neighbour.percent} %`];
    }),
  );
}

/** Needed systems before those that need them: the order of a common way up. Throws on a circle. */
export function riseOrder(plans: readonly Dependent[]): string[] {
  const order: string[] = [];
  const visit = (plan: Dependent, path: readonly string[]): void => {
    if (order.includes(plan.system)) return;
    if (path.includes(plan.system))
      throw new RangeError(`dependencies go round: ${[...path, plan.system].join(" → ")}`);
    for (const { system } of plan.dependencies) {
      const needed = plans.find((one) => one.system === system);
      if (needed) visit(needed, [...path, plan.system]);
    }
    order.push(plan.system);
  };
  for (const plan of plans) visit(plan, []);
  return order;
}

/** The systems that have to go down, first to last, when one does: whoever needs it first, itself last. */
export function drainOrder(system: string, plans: readonly Dependent[]): string[] {
  const affected = new Set([system]);
  const order = riseOrder(plans);
  for (const name of order) {
    const plan = plans.find((one) => one.system === name)!;
    if (plan.dependencies.some((dependency) => affected.has(dependency.system))) affected.add(name);
  }
  return order.filter((name) => affected.has(name)).reverse();
}

/** The systems that would be above what they need if a system went down to a percent: they have to go first, in this order. */
export function followersDown(
  system: string,
  percent: number,
  plans: readonly Dependent[],
  reached: ReachedBySystem,
): string[] {
  const bound = new Set([system]);
  for (const name of riseOrder(plans)) {
    const { dependencies } = plans.find((one) => one.system === name)!;
    if (dependencies.some(({ kind, system: needed }) => kind === "never-above" && bound.has(needed))) bound.add(name);
  }
  return drainOrder(system, plans).filter((name) => {
    const state = reached[name];
    return name !== system && bound.has(name) && state !== undefined && !state.settled && state.percent > percent;
  });
}
