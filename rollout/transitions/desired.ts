import { planEnvironment, type StackConfig, type SystemConfig } from "../config/model.ts";
import { phaseDigest, planDigest } from "../plan/digest.ts";
import { exposureOf, phasesOf, soakSecondsOf } from "../plan/ladder.ts";
import type { Plan } from "../plan/model.ts";
import type { DesiredRollout, RolloutPhase } from "./model.ts";

/** What a stack's config asks of one system's Rollout; a rehearsal's soaks are shorter by its scale of time. */
export function desiredRollout(
  plan: Plan,
  config: SystemConfig,
  stack: Pick<StackConfig, "environment" | "scale">,
  revision: string,
): DesiredRollout {
  const environment = planEnvironment(stack.environment);
  const scaled = (seconds: number) => Math.ceil(seconds / stack.scale.time);
  const phases = phasesOf(plan, environment, config.ladder).map(
    (phase): RolloutPhase => ({
      name: phase.name,
      percent: phase.percent,
      exposure: exposureOf(plan, phase),
      soakSeconds: scaled(soakSecondsOf(phase)),
      digest: phaseDigest({ ...phase, minDuration: "0s" }), // the soak stands beside it
    }),
  );
  return {
    system: plan.system,
    stable: config.stable,
    artifact: config.artifact,
    revision,
    retry: config.retry,
    phase: config.phase,
    ladder: config.ladder,
    planDigest: planDigest(plan, environment, config.ladder),
    phases,
    hold: config.hold,
    extendSeconds: scaled(config.extendDays * 86_400),
    decommission: config.decommission,
  };
}
