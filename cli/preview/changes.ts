import type { StackConfig, SystemConfig } from "../../rollout/config/model.ts";
import type { Exposure } from "../../rollout/exposure/exposure.ts";
import type { Plan } from "../../rollout/plan/model.ts";
import { rolloutPhases } from "../../rollout/transitions/desired.ts";
import type { RolloutPhase } from "../../rollout/transitions/model.ts";

/** Where a system is by one version of its config. */
export interface Place {
  /** `settled`, or the phase. */
  readonly name: string;
  readonly percent: number;
  readonly artifact: string;
  readonly stable: string;
  /** Who gets the artifact while it isn't everybody's. */
  readonly exposure: Exposure;
}

/** One system whose lines differ. */
export interface Change {
  readonly system: string;
  /** Absent where the system wasn't, or won't be, in the config. */
  readonly from?: Place | undefined;
  readonly to?: Place | undefined;
  readonly direction: "up" | "down" | "level";
  /** Soak that lies between the change and the end of the ladder, at the least. */
  readonly secondsLeft: number;
}

/** What a config asks for that another one didn't, in the order of the plans. */
export function changesBetween(before: StackConfig | undefined, after: StackConfig, plans: readonly Plan[]): Change[] {
  return plans.flatMap((plan) => {
    const [old, now] = [before?.systems[plan.system], after.systems[plan.system]];
    if (JSON.stringify(old) === JSON.stringify(now)) return [];
    const from = old && before && placeOf(old, phasesFor(plan, old, before));
    const to = now && placeOf(now, phasesFor(plan, now, after));
    const phases = now ? phasesFor(plan, now, after) : [];
    const at = now && !now.settled ? phases.findIndex(({ name }) => name === now.phase) : phases.length;
    const extra = (now?.extendDays ?? 0) * 86_400;
    return [
      {
        ...{ system: plan.system, from, to, direction: directionOf(from, to, phases) },
        secondsLeft: phases
          .slice(at)
          .reduce((sum, { soakSeconds }) => sum + soakSeconds, at < phases.length ? extra : 0),
      },
    ];
  });
}

const phasesFor = (plan: Plan, { ladder }: SystemConfig, config: StackConfig): readonly RolloutPhase[] =>
  rolloutPhases(plan, ladder, config);

function placeOf(config: SystemConfig, phases: readonly RolloutPhase[]): Place {
  const { artifact, stable, percent, settled, phase } = config;
  const exposure = phases.find(({ name }) => name === phase)?.exposure ?? { all: percent };
  return { name: settled ? "settled" : (phase ?? ""), percent, artifact, stable, exposure };
}

/** By the order of the phases: another artifact begins at the bottom, and that is a rise too. */
function directionOf(
  from: Place | undefined,
  to: Place | undefined,
  phases: readonly RolloutPhase[],
): Change["direction"] {
  if (!from || !to) return to ? "up" : "down";
  if (from.artifact !== to.artifact) return "up";
  const rank = ({ name }: Place): number =>
    name === "settled" ? phases.length : phases.findIndex((phase) => phase.name === name);
  return rank(to) > rank(from) ? "up" : rank(to) < rank(from) ? "down" : "level";
}
