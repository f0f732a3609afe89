import type { StepFacts } from "./facts.ts";
import { judgeStep } from "./may-step.ts";
import { currentAbort, type DesiredRollout, hasPassed, isSettled, type LiveRollout, type Outcome } from "./model.ts";
import { nextSpec } from "./next-spec.ts";
import { reasonsAgainstPass } from "./phase-end.ts";
import type { Judgement, Reason } from "./reason.ts";

/** What is known beside the Rollout; needs depend on where the step would lead. */
export interface Surroundings extends Omit<StepFacts, "unmetNeeds"> {
  unmetNeeds: (percent: number) => readonly string[];
}

/** What the analyzer says of the current phase, as far as it goes. */
export interface Watched {
  outcome: Outcome;
  reason?: string | undefined;
  /** Since the phase began: the soak can't be further than this. */
  seconds: number;
}

/** A phase by its name, or the end of the rollout. */
export type Goal = { phase: string } | "settle";

/** Where a rollout goes next when all is well; undefined where only another artifact, or another try, leads on. */
export function nextGoal(live: LiveRollout): Goal | undefined {
  const { spec } = live;
  if (isSettled(spec) || currentAbort(live)) return undefined;
  const next = spec.phases[spec.phases.findIndex(({ name }) => name === spec.phase) + 1];
  return next ? { phase: next.name } : "settle";
}

/** Whether a goal may be reached with one step from here, with every reason why not. */
export function judgeGoal(live: LiveRollout, goal: Goal, surroundings: Surroundings, watched: Watched): Judgement {
  const { spec } = live;
  const wish: DesiredRollout =
    goal === "settle" ? { ...spec, stable: spec.artifact, phase: undefined } : { ...spec, phase: goal.phase };
  const judgement = judge(live, wish, surroundings);
  return { ...judgement, reasons: judgement.reasons.flatMap((reason) => detailed(live, reason, watched)) };
}

/** The step that a status speaks of: the next phase, the settle, or where neither is possible, the next landing. */
export function explainNext(live: LiveRollout, surroundings: Surroundings, watched: Watched): Judgement {
  const goal = nextGoal(live);
  if (goal) return judgeGoal(live, goal, surroundings, watched);
  const { spec } = live;
  const first = spec.phases[0]!.name;
  const again: DesiredRollout = isSettled(spec)
    ? { ...spec, artifact: "the next artifact", retry: 0, phase: first }
    : { ...spec, retry: spec.retry + 1, phase: first };
  const { reasons } = judge(live, again, surroundings);
  const what = isSettled(spec) ? "the next artifact" : "a mended artifact, or `retry` with a reason";
  return { tried: `${spec.system}: landing of ${what} at ${first}`, reasons };
}

function judge(live: LiveRollout, wish: DesiredRollout, { unmetNeeds, ...facts }: Surroundings): Judgement {
  const percent = live.spec.phases.find(({ name }) => name === wish.phase)?.percent ?? 0;
  const { spec } = nextSpec(live, wish, facts.record);
  const { tried, reasons } = judgeStep(live, spec, { ...facts, unmetNeeds: unmetNeeds(percent) });
  return { tried, reasons };
}

/** Beside the pass that is missing for the current phase: how much of its soak is left, and what its verdict lacks. */
function detailed(live: LiveRollout, reason: Reason, { outcome, reason: why, seconds }: Watched): Reason[] {
  const { phase } = live.spec;
  if (reason.rule !== "passed" || phase === undefined || hasPassed(live, phase)) return [reason];
  const watch = { verdict: outcome, soakedSeconds: seconds, missingEvidence: [] };
  const details = reasonsAgainstPass(live, watch).filter(({ rule }) => rule === "soak" || rule === "verdict");
  return [
    reason,
    ...details.map((one) => (one.rule === "verdict" && why ? { ...one, because: `${one.because} (${why})` } : one)),
  ];
}
