import type { CanaryArgs } from "../../components/canary.ts";
import type { PodArgs } from "../../components/pods.ts";
import type { Plan } from "../../rollout/plan/model.ts";

/** A system behind HTTP, as its room describes it; what moves comes from the config. */
export interface HttpSystem {
  readonly plan: Plan;
  readonly hostnames: readonly [string, ...string[]];
  readonly pod: PodArgs;
  /** Full size of stable, and the least that a canary needs. */
  readonly replicas: CanaryArgs["replicas"];
  readonly autoscaling?: NonNullable<CanaryArgs["autoscaling"]>;
  /** Copies of live requests do no harm there; without it no phase with a mirror can be reached. */
  readonly isMirrorSafe?: true;
  /** Deployed only settled, until it has an exposure adapter of its own. */
  readonly isSettledOnly?: true;
}

/** How all of them are built: one port for users, one for probes. */
export const ports = { app: 8080, health: 9090 };

/** Enough for a look at it, where no plan says what it needs. */
export const small = { cpu: "50m", memory: "64Mi" };
