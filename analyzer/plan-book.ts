import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { phaseDigest } from "../rollout/plan/digest.ts";
import { phasesOf } from "../rollout/plan/ladder.ts";
import type { Phase, Plan } from "../rollout/plan/model.ts";
import { parsePlan } from "../rollout/plan/schema.ts";
import { smaller } from "../rollout/plan/smaller.ts";

/** Plans by what they promise: a Rollout names the digest of each phase, so nothing else can be meant by it. */
export interface PlanBook {
  plan(system: string): Plan | undefined;
  phase(digest: string): Phase | undefined;
}

/** The digest that a Rollout carries leaves the soak out, which stands beside it. */
const digestOf = (phase: Phase): string => phaseDigest({ ...phase, minDuration: "0s" });

/** `size` is how many times smaller than the plans the systems are that are judged by them. */
export function planBook(plans: readonly Plan[], size = 1): PlanBook {
  const phases = plans.flatMap((plan) =>
    (["staging", "production"] as const).flatMap((environment) =>
      (["normal", "expedited"] as const).flatMap((ladder) => phasesOf(plan, environment, ladder)),
    ),
  );
  const byDigest = new Map(phases.map((phase) => [digestOf(phase), smaller(phase, size)]));
  return {
    plan: (system) => plans.find((plan) => plan.system === system),
    phase: (digest) => byDigest.get(digest),
  };
}

/** One file for each system, as the platform's ConfigMaps hold them. */
export function readPlanBook(folder: string, size = 1): PlanBook {
  const plans = globSync(join(folder, "*.json")).map((file) => {
    try {
      return parsePlan(JSON.parse(readFileSync(file, "utf8")));
    } catch (error) {
      throw new Error(
        `${file}: not a plan of this version of Rampart (${(error as Error).message}); run pulumi up for the platform`,
      );
    }
  });
  if (plans.length === 0) throw new Error(`${folder}: no plans there; the platform stack mounts them`);
  return planBook(plans, size);
}
