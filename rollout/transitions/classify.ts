import { isDeepStrictEqual } from "node:util";
import { type DesiredRollout, isSettled, positionOf, type RolloutSpec } from "./model.ts";

/**
 * What a change of a Rollout is. Everything that puts a digest, a mirror or a fence before more users is a rise:
 * create, advance, landing and settle.
 */
export type TransitionKind =
  | "unchanged"
  | "create"
  /** A later phase of the same attempt. */
  | "advance"
  /** A new artifact, revision, retry or ladder. */
  | "landing"
  /** The artifact is given up: back to settled on the old one. */
  | "withdraw"
  /** Stable becomes the artifact. */
  | "settle"
  /** Stable goes back to what it was before a settle. */
  | "undo-settle"
  /** An earlier phase of the same attempt. */
  | "down"
  /** The same place with another hold, extension or plan version. */
  | "adjust"
  | "decommission"
  | "remove"
  /** No change that a rollout knows. */
  | "unknown";

export const rises: readonly TransitionKind[] = ["create", "advance", "landing", "settle"];

export type Variable =
  | "stable"
  | "artifact"
  | "revision"
  | "retry"
  | "ladder"
  | "phase"
  | "plan"
  | "drain"
  | "hold"
  | "extendSeconds"
  | "decommission";

const landingMarks: readonly Variable[] = ["artifact", "revision", "retry", "ladder"];

/** The variables in which two specs differ. The percent follows from the phase and isn't counted twice. */
export function changedVariables(old: DesiredRollout, next: DesiredRollout): Variable[] {
  const variables: readonly [Variable, boolean][] = [
    ["stable", old.stable === next.stable],
    ["artifact", old.artifact === next.artifact],
    ["revision", old.revision === next.revision],
    ["retry", old.retry === next.retry],
    ["ladder", old.ladder === next.ladder],
    ["phase", old.phase === next.phase],
    ["plan", old.planDigest === next.planDigest && isDeepStrictEqual(old.phases, next.phases)],
    ["drain", isDeepStrictEqual(old.drain, next.drain)],
    ["hold", old.hold === next.hold],
    ["extendSeconds", old.extendSeconds === next.extendSeconds],
    ["decommission", old.decommission === next.decommission],
  ];
  return variables.filter(([, isSame]) => !isSame).map(([name]) => name);
}

export function classify(old: RolloutSpec | undefined, next: DesiredRollout | undefined): TransitionKind {
  if (!next) return old ? "remove" : "unchanged";
  if (!old) return "create";
  const changed = changedVariables(old, next);
  if (changed.length === 0) return "unchanged";
  if (changed.includes("stable")) return classifyStable(old, next);
  if (!isSettled(old) && isSettled(next)) return "withdraw";
  if (landingMarks.some((mark) => changed.includes(mark))) return "landing";
  if (changed.includes("phase")) return classifyMove(old, next);
  if (changed.includes("decommission") && next.decommission) return "decommission";
  return "adjust";
}

function classifyStable(old: RolloutSpec, next: DesiredRollout): TransitionKind {
  if (old.artifact !== next.artifact) return "unknown";
  if (!isSettled(old) && isSettled(next)) return "settle";
  return isSettled(old) && !isSettled(next) ? "undo-settle" : "unknown";
}

/** Compared on the live ladder: it is the one the rollout is climbing. */
function classifyMove(old: RolloutSpec, next: DesiredRollout): TransitionKind {
  const from = positionOf(old);
  const to = positionOf({ ...next, phases: old.phases });
  if (from.at !== "phase" || to.at !== "phase") return "unknown";
  return to.index > from.index ? "advance" : "down";
}
