import { isSettled, type LiveRollout, type RolloutSpec } from "../transitions/model.ts";
import { type Reason, when } from "../transitions/reason.ts";

/** As much of a Rollout as says where it stands. */
export type RolloutPlace = Pick<RolloutSpec, "system" | "stable" | "artifact"> & { phase: string | undefined };

export interface JudgedPlace {
  spec: RolloutSpec | undefined;
  live: LiveRollout | undefined;
}

/** Against an object that says more than what was judged; the way down is open also for what nobody judged. */
export function againstUnjudged(place: RolloutPlace, judged: JudgedPlace | undefined): Reason[] {
  const mend = "let the component of the system write it";
  if (!judged) return when(true, "unjudged", `no component of this program speaks for ${place.system}`, mend);
  if (judged.live && isAtOrBelow(place, judged.live.spec)) return [];
  if (judged.spec && isAtOrBelow(place, judged.spec)) return [];
  const allowed = judged.spec ? (judged.spec.phase ?? "settled") : "nothing";
  const because = `the Rollout asks for ${place.phase ?? "settled"} with ${place.artifact}, and what may be written is ${allowed}`;
  return when(true, "unjudged", because, mend);
}

function isAtOrBelow(place: RolloutPlace, spec: RolloutSpec): boolean {
  if (place.stable !== spec.stable || place.artifact !== spec.artifact) return false;
  if (isSettled(spec)) return place.phase === undefined;
  const indexOf = (name: string | undefined) => spec.phases.findIndex((phase) => phase.name === name);
  return indexOf(place.phase) >= 0 && indexOf(place.phase) <= indexOf(spec.phase);
}
