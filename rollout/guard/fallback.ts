import { isTrack } from "../baseline/kubernetes/objects.ts";
import { numberAt } from "../baseline/look.ts";
import type { PlainResource } from "../baseline/model.ts";
import type { TransitionKind } from "../transitions/classify.ts";
import { type Reason, when } from "../transitions/reason.ts";

const team = "whoever changes the program";

/** On the way down, and where a system is given up, nothing is held against its resources. */
const leaving: readonly (TransitionKind | undefined)[] = ["down", "undo-settle", "withdraw", "decommission", "remove"];
const isLeaving = (kind: TransitionKind | undefined): boolean => leaving.includes(kind);

/** Against a stable track without pods: it is what everybody falls back on. */
export function againstEmptyFallback(resource: PlainResource, kind: TransitionKind | undefined): Reason[] {
  if (isLeaving(kind) || !isTrack(resource, "stable")) return [];
  return when(
    numberAt(resource.props, "spec.replicas") === 0,
    "baseline-kept",
    `${resource.name} is the stable track, and is scaled to nothing`,
    "keep it at its size until the rollout is settled",
    team,
  );
}

/** Against a system whose canary is declared and whose stable track isn't any more. */
export function againstLostFallback(
  system: string,
  kind: TransitionKind,
  resources: readonly PlainResource[],
): Reason[] {
  const own = resources.filter(({ name }) => name.startsWith(`${system}-`));
  const has = (track: "stable" | "canary"): boolean => own.some((one) => isTrack(one, track));
  return when(
    !isLeaving(kind) && has("canary") && !has("stable"),
    "baseline-kept",
    "its stable track isn't declared any more, and nobody could fall back on it",
    "leave it in until the rollout is settled, or give the system up with `decommission: true`",
    team,
  );
}
