import { httpRouteDrain } from "../../components/routing/http-route-rules.ts";
import type { Plan } from "../../rollout/plan/model.ts";
import type { DrainAction, RolloutPhase } from "../../rollout/transitions/model.ts";

/** The way down of a system's ladder, by its adapter; none where the adapter has no resources yet. */
export function drainOf(plan: Plan, phases: readonly RolloutPhase[]): DrainAction[] | undefined {
  return plan.adapter.kind === "http-weight" ? httpRouteDrain(plan.system, phases) : undefined;
}
