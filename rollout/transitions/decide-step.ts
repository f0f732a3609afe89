import { classify, type TransitionKind } from "./classify.ts";
import type { StepFacts } from "./facts.ts";
import { judgeStep } from "./may-step.ts";
import { currentAbort, type DesiredRollout, isAtFirstPhase, type LiveRollout, type RolloutSpec } from "./model.ts";
import { nextSpec } from "./next-spec.ts";
import type { Reason } from "./reason.ts";

/** What one `up` does about one system. */
export interface Decision {
  /** What to write; none where a system that isn't there yet may not come like this. */
  spec: RolloutSpec | undefined;
  /** Of the change that is written: unchanged where the wish is refused. */
  kind: TransitionKind;
  /** The wish in words, and every reason against it. */
  tried: string;
  reasons: readonly Reason[];
  /** What differs from the wish without being refused. */
  notes: readonly string[];
}

/**
 * Takes a wish as far as it may go. What is refused stays as it is, so that other systems are free to move; what was
 * drained is no reason to fail, because the config is often the last to know.
 */
export function decideStep(live: LiveRollout | undefined, wish: DesiredRollout, facts: StepFacts): Decision {
  const possible = live ? withinAbort(live, withKnownRevision(live.spec, wish)) : wish;
  const { spec, notes } = nextSpec(live, possible, facts.record);
  const { kind, tried, reasons } = judgeStep(live, spec, facts);
  const said = [...(live ? notesOnRevision(live.spec, wish, possible) : []), ...notesOnDrain(live, wish, notes)];
  if (reasons.length > 0) return { spec: live?.spec, kind: "unchanged", tried, reasons, notes: said };
  return { spec, kind, tried, reasons, notes: said };
}

/** Other pods for the same artifact are a landing, and where none is possible they wait for the next artifact. */
function withKnownRevision(old: RolloutSpec, wish: DesiredRollout): DesiredRollout {
  const isSameTry = classify(old, { ...wish, revision: old.revision }) !== "landing" && wish.artifact === old.artifact;
  const settles = wish.stable !== old.stable;
  return isSameTry && !settles && !isAtFirstPhase(old) ? { ...wish, revision: old.revision } : wish;
}

function notesOnRevision(old: RolloutSpec, wish: DesiredRollout, possible: DesiredRollout): string[] {
  if (possible.revision === wish.revision) return [];
  return [
    `${old.system}: the program now describes other pods than those that run (${old.revision} → ${wish.revision}); ` +
      "they go out with the next artifact, and until then the old ones stay",
  ];
}

/** After an abort a rise isn't even tried. */
function withinAbort(live: LiveRollout, wish: DesiredRollout): DesiredRollout {
  const { spec } = live;
  if (!currentAbort(live)) return wish;
  const kind = classify(spec, { ...wish, planDigest: spec.planDigest, phases: spec.phases, drain: spec.drain });
  return kind === "advance" ? { ...wish, phase: spec.phase } : wish;
}

/** The note about a drain compares with what the config says, not with what is left of it. */
function notesOnDrain(
  live: LiveRollout | undefined,
  wish: DesiredRollout,
  notes: readonly string[],
): readonly string[] {
  if (!live || !currentAbort(live)) return notes;
  return nextSpec(live, wish, undefined).notes;
}
