import type { DrainAction, RolloutSpec } from "./model.ts";

/** What has to be done to take a rollout down: to nobody, or to what the phase before exposed. */
export function drainActions(spec: Pick<RolloutSpec, "drain" | "phase">, to: "zero" | "previous"): DrainAction[] {
  const actions = spec.drain ?? [];
  const fitting = actions.filter((one) => one.to === to || one.to === "both");
  const here = fitting.filter((one) => one.phase === undefined || one.phase === spec.phase);
  // From the first phase with users the phase before is nobody.
  return here.length > 0 || to === "zero" ? here : drainActions(spec, "zero");
}
