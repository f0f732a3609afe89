import { planEnvironment } from "../config/model.ts";
import { rises, type TransitionKind } from "../transitions/classify.ts";
import { decideStep } from "../transitions/decide-step.ts";
import { judgeStep } from "../transitions/may-step.ts";
import type { RolloutSpec } from "../transitions/model.ts";
import { nextSpec } from "../transitions/next-spec.ts";
import { type Judgement, type Reason, when } from "../transitions/reason.ts";
import type { ReadArgs, RolloutArgs } from "./args.ts";

export interface Judged extends Judgement {
  /** What the config asks for, also where it is refused. */
  kind: TransitionKind;
  /** Puts something before more users, or may do so. */
  rises: boolean;
  /** Said, and held against nobody. */
  notes: readonly string[];
  /** What the program may write at most; undefined where nothing may be. */
  spec: RolloutSpec | undefined;
  args: RolloutArgs | undefined;
}

/** The step that a program is about to take for one system, judged on what it says it has read. */
export function judgeRollout({ args, doubts, isWishInDoubt }: ReadArgs): Judged {
  if (!args) return { ...undecided, reasons: againstDoubts(doubts) };
  const { live, wish, facts } = args;
  if (wish.system !== args.system) {
    const because = `the wish is for ${wish.system}, the component for ${args.system}`;
    return { ...undecided, reasons: when(true, "same-system", because, "build both from one entry") };
  }
  const decision = decideStep(live, wish, facts);
  const { tried, reasons, notes, spec } = decision;
  const isRefused = reasons.length > 0;
  const kind = isRefused ? judgeStep(live, nextSpec(live, wish, facts.record).spec, facts).kind : decision.kind;
  const judged = { kind, rises: rises.includes(kind), tried, reasons, notes, spec, args };
  const isSafe = kind === "down" || kind === "withdraw" || (kind === "unchanged" && !isWishInDoubt);
  return doubts.length === 0 || isSafe
    ? judged
    : { ...judged, rises: true, spec: live?.spec, reasons: againstDoubts(doubts) };
}

const undecided: Judged = {
  kind: "unknown",
  rises: true,
  tried: "rollout",
  reasons: [],
  notes: [],
  spec: undefined,
  args: undefined,
};

function againstDoubts(doubts: readonly string[]): Reason[] {
  return when(
    true,
    "known-inputs",
    `what a guard has to know is missing: ${doubts.join("; ")}`,
    "hand it to the component as a plain value, read before anything is registered",
  );
}

/** A rise that isn't going to happen anyway needs nobody's approval or calendar. */
export const isOpenRise = (judged: Judged): judged is Judged & { args: RolloutArgs } =>
  judged.rises && judged.args !== undefined && judged.reasons.length === 0;

export const planPlace = ({ facts, wish }: RolloutArgs) => ({
  environment: planEnvironment(facts.environment),
  ladder: wish.ladder === "expedited" ? ("expedited" as const) : ("normal" as const),
});
