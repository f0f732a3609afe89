import { isDeepStrictEqual } from "node:util";
import type { StackConfig } from "../config/model.ts";
import { planDigest } from "../plan/digest.ts";
import type { Plan } from "../plan/model.ts";
import { problemsOf } from "../plan/rules.ts";
import { rolloutPhases } from "../transitions/desired.ts";
import type { RolloutPhase } from "../transitions/model.ts";
import { type Reason, when } from "../transitions/reason.ts";
import { isOpenRise, type Judged, planPlace } from "./judge.ts";

const unscaled: StackConfig["scale"] = { time: 1, size: 1 };

/** Against a rise on phases that aren't those of the plan in this checkout, whatever digest they claim. */
export function againstForeignPlan(judged: Judged, plan: Plan | undefined): Reason[] {
  if (!isOpenRise(judged)) return [];
  const { wish, system, facts } = judged.args;
  const { environment } = facts;
  if (!plan) return when(true, "plan", `this checkout has no plan for ${system}`, "add it to stacks/systems/plans.ts");
  const place = planPlace(judged.args);
  const digest = planDigest(plan, place.environment, place.ladder);
  const ours = rolloutPhases(plan, place.ladder, { environment, scale: unscaled });
  // A rehearsal's soaks are shorter by a scale that only its config knows.
  const isSame =
    environment === "rehearsal"
      ? isDeepStrictEqual(soakless(wish.phases), soakless(ours))
      : isDeepStrictEqual(wish.phases, ours);
  return [
    ...problemsOf(plan).flatMap(({ path, message }) =>
      when(
        true,
        "plan",
        `the plan in this checkout breaks its own rules: ${path.join(".")}: ${message}`,
        "mend the plan",
      ),
    ),
    ...when(wish.ladder !== place.ladder, "plan", `there is no ladder ${wish.ladder}`, "name normal or expedited"),
    ...when(
      wish.planDigest !== digest,
      "plan",
      `it asks for the plan ${wish.planDigest}, and this checkout's is ${digest}`,
      "build the rollout from the plan in stacks/systems",
    ),
    ...when(
      wish.planDigest === digest && !isSame,
      "plan",
      `its phases aren't those that stand behind the digest ${digest}`,
      "build them with rolloutPhases from the plan",
    ),
  ];
}

const soakless = (phases: readonly RolloutPhase[]) => phases.map(({ soakSeconds: _scaled, ...rest }) => rest);
