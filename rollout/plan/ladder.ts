import type { Exposure } from "../exposure/exposure.ts";
import { toSeconds } from "./duration.ts";
import type { LadderName, Phase, Plan, PlanEnvironment } from "./model.ts";

/** As a Rollout names it. */
export const ladderNamed = (name: string): LadderName => (name === "expedited" ? "expedited" : "normal");

/** In order; empty where the plan has no such ladder. */
export function phasesOf(plan: Plan, environment: PlanEnvironment, ladder: LadderName): readonly Phase[] {
  return plan.ladders[environment][ladder] ?? [];
}

export const phaseByName = (phases: readonly Phase[], name: string): Phase | undefined =>
  phases.find((phase) => phase.name === name);

/** What a percent without a phase name means. */
export const firstPhaseWithPercent = (phases: readonly Phase[], percent: number): Phase | undefined =>
  phases.find((phase) => phase.percent === percent);

/** By place in the ladder, not by percent; undefined at the end and for a name that isn't there. */
export function nextPhase(phases: readonly Phase[], name: string): Phase | undefined {
  const index = phases.findIndex((phase) => phase.name === name);
  return index < 0 ? undefined : phases[index + 1];
}

export function previousPhase(phases: readonly Phase[], name: string): Phase | undefined {
  return phases[phases.findIndex((phase) => phase.name === name) - 1];
}

/** Lowest first, each once. */
export const allowedPercents = (phases: readonly Phase[]): number[] =>
  [...new Set(phases.map(({ percent }) => percent))].sort((a, b) => a - b);

/** Segment by segment; a phase that names none treats everybody alike. */
export function exposureOf(plan: Pick<Plan, "segments">, phase: Pick<Phase, "percent" | "exposure">): Exposure {
  return phase.exposure ?? Object.fromEntries(plan.segments.map(({ name }) => [name, phase.percent]));
}

export const soakSecondsOf = (phase: Pick<Phase, "minDuration">): number => toSeconds(phase.minDuration);
