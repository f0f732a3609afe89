import { changedVariables, classify, type TransitionKind } from "./classify.ts";
import { againstAdvance, againstSettle, againstUndoSettle } from "./climbing.ts";
import { againstCarrying } from "./conditions.ts";
import type { StepFacts } from "./facts.ts";
import { againstCreate, againstDecommissioning, againstLanding, againstLeaving, againstRemoval } from "./landing.ts";
import { isSettled, type LiveRollout, placeOf, type RolloutSpec } from "./model.ts";
import { landingChanges } from "./plan-change.ts";
import { type Judgement, type Reason, when } from "./reason.ts";

/**
 * Whether a step may be taken from the live Rollout to the next spec (undefined: to create, to remove), with every
 * reason why not. A step down that carries nothing else never gets one.
 */
export function judgeStep(
  live: LiveRollout | undefined,
  next: RolloutSpec | undefined,
  facts: StepFacts,
): Judgement & { kind: TransitionKind } {
  const kind = classify(live?.spec, next);
  const system = (next ?? live?.spec)?.system ?? "";
  const from = live ? ` from ${placeOf(live.spec)}` : "";
  const to = next ? ` to ${placeOf(next)}` : "";
  return { kind, tried: `${system}: ${kind}${from}${to}`, reasons: reasonsAgainst(kind, live, next, facts) };
}

function reasonsAgainst(
  kind: TransitionKind,
  live: LiveRollout | undefined,
  next: RolloutSpec | undefined,
  facts: StepFacts,
): Reason[] {
  if (!next) return live ? againstRemoval(live) : [];
  if (!live) return [...againstPhaseOfSettled(next), ...againstCreate(next, facts)];
  return [
    ...againstPhaseOfSettled(next),
    ...againstCounting(kind, live.spec, next),
    ...againstChange(kind, live, next, facts),
  ];
}

function againstChange(kind: TransitionKind, live: LiveRollout, next: RolloutSpec, facts: StepFacts): Reason[] {
  switch (kind) {
    case "advance":
      return againstAdvance(live, next, facts);
    case "landing":
      return againstLanding(live, next, facts);
    case "withdraw":
      return againstLeaving(live, facts);
    case "settle":
      return againstSettle(live, next);
    case "undo-settle":
      return againstUndoSettle(live, next, facts);
    case "down":
      return againstCarrying(live.spec, next, ["phase", "hold", "extendSeconds"]);
    case "adjust":
      return againstPlanInPlace(live.spec, next);
    case "decommission":
      return againstDecommissioning(live, next);
    case "unchanged":
      return [];
    default:
      return when(
        true,
        "unknown-change",
        `changing ${changedVariables(live.spec, next).join(", ")} like this is no step of a rollout`,
        "advance, settle, go down or land, one at a time",
      );
  }
}

function againstPhaseOfSettled(next: RolloutSpec): Reason[] {
  return when(
    isSettled(next) && next.phase !== undefined,
    "settled-phase",
    `a settled system is in no phase, and this one names ${next.phase}`,
    "take `phase` away",
  );
}

function againstCounting(kind: TransitionKind, old: RolloutSpec, next: RolloutSpec): Reason[] {
  const step = kind === "unchanged" ? old.step : old.step + 1;
  const attempt = kind === "landing" || kind === "withdraw" ? old.attempt + 1 : old.attempt;
  return when(
    next.step !== step || next.attempt !== attempt,
    "counters",
    `attempt ${next.attempt} and step ${next.step} instead of ${attempt} and ${step}`,
    "leave the counting to the program",
  );
}

function againstPlanInPlace(old: RolloutSpec, next: RolloutSpec): Reason[] {
  const changes = isSettled(old) ? [] : landingChanges(old, next.phases);
  return when(
    changes.length > 0,
    "plan-in-place",
    `the plan version changes what this rollout started with: ${changes.join(", ")}`,
    "it comes with the next landing",
  );
}
