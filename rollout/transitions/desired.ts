import { type LadderName, planEnvironment, type Scale, type StackConfig, type SystemConfig } from "../config/model.ts";
import { phaseDigest, planDigest } from "../plan/digest.ts";
import { exposureOf, phasesOf, soakSecondsOf } from "../plan/ladder.ts";
import type { Plan } from "../plan/model.ts";
import type { DesiredRollout, DrainAction, RolloutPhase } from "./model.ts";

/** The ladder as a Rollout carries it; a rehearsal's soaks are shorter by its scale of time. */
export function rolloutPhases(
  plan: Plan,
  ladder: LadderName,
  { environment, scale }: Pick<StackConfig, "environment" | "scale">,
): RolloutPhase[] {
  return phasesOf(plan, planEnvironment(environment), ladder).map((phase) => ({
    name: phase.name,
    percent: phase.percent,
    exposure: exposureOf(plan, phase),
    soakSeconds: scaled(soakSecondsOf(phase), scale),
    ...(phase.mirror ? { mirror: true } : {}),
    digest: phaseDigest({ ...phase, minDuration: "0s" }), // the soak stands beside it
  }));
}

const scaled = (seconds: number, { time }: Scale): number => Math.ceil(seconds / time);

/** What a stack's config asks of one system's Rollout. */
export function desiredRollout(
  plan: Plan,
  config: SystemConfig,
  stack: Pick<StackConfig, "environment" | "scale">,
  revision: string,
  drain?: readonly DrainAction[],
): DesiredRollout {
  return {
    system: plan.system,
    stable: config.stable,
    artifact: config.artifact,
    revision,
    retry: config.retry,
    phase: config.phase,
    ladder: config.ladder,
    planDigest: planDigest(plan, planEnvironment(stack.environment), config.ladder),
    phases: rolloutPhases(plan, config.ladder, stack),
    ...(drain ? { drain } : {}),
    hold: config.hold,
    extendSeconds: scaled(config.extendDays * 86_400, stack.scale),
    decommission: config.decommission,
  };
}
