import type { AllowedSigner } from "../evidence/allowed-signers.ts";
import { parseEvidence } from "../evidence/evidence-file.ts";
import { type EvidenceFile, meets, type Requirement } from "../evidence/required.ts";
import { instantToSeconds, type Statement } from "../evidence/statement.ts";
import type { Clock } from "../evidence/verify.ts";
import { toSeconds } from "../plan/duration.ts";
import { phaseByName, phasesOf } from "../plan/ladder.ts";
import type { Approval, Phase, Plan } from "../plan/model.ts";
import type { LiveRollout } from "../transitions/model.ts";
import { type Reason, when } from "../transitions/reason.ts";
import { isOpenRise, type Judged, planPlace } from "./judge.ts";

/** What a statement names when it approves that a phase is left. */
export const approvalItem = (phase: string): string => `approval:${phase}`;
/** What a statement names when it says that people were told of the step. */
export const noticeItem = (phase: string): string => `notice:${phase}`;
/** What a statement names when its reason says what becomes of writes after the cutover, should it be taken back. */
export const choiceItem = (phase: string): string => `data-loss-choice:${phase}`;

/** What lies in the checkout, and who may sign as what. */
export interface SignedFiles {
  stack: string;
  files: readonly EvidenceFile[];
  signers: readonly AllowedSigner[];
  clock: Clock;
}

/** Signatures last a week at most: nobody approves what they no longer remember. */
const longestLife = 7 * 86_400;

/**
 * Why a phase with approvals can't be left yet: the signatures of its plan, by different people, made for this very
 * attempt. Both lanes ask for them where their plan does; the hotfix lane always has two.
 */
export function againstUnsigned(judged: Judged, plan: Plan | undefined, signed: () => SignedFiles): Reason[] {
  if (!isOpenRise(judged)) return [];
  const { live } = judged.args;
  if (!live || !plan || (judged.kind !== "advance" && judged.kind !== "settle")) return [];
  // Who had to approve it did so in the cluster that was lost, and somebody vouches for its log.
  if (live.status.passed.some(({ phase, restored }) => restored && phase === live.spec.phase)) return [];
  const { environment, ladder } = planPlace(judged.args);
  const left = phaseByName(phasesOf(plan, environment, ladder), live.spec.phase ?? "");
  if (!left) return againstUnplanned(live);
  const needed = neededFor(left);
  if (needed.length === 0) return [];
  const read = tried(signed);
  if (typeof read === "string") return when(true, "approvals", read, "mend the file");
  return againstNeeded(needed, live, left, read);
}

/** What has to be signed of a phase and isn't, by the names that statements use. */
export const missingSignatures = (live: LiveRollout, phase: Phase, signed: SignedFiles): string[] => [
  ...new Set(unmet(neededFor(phase), live, phase, signed).map(({ item }) => item)),
];

const neededFor = (phase: Phase): Needed[] => [...approvalsOf(phase), ...noticesOf(phase), ...choicesOf(phase)];

function againstNeeded(needed: readonly Needed[], live: LiveRollout, left: Phase, signed: SignedFiles): Reason[] {
  return unmet(needed, live, left, signed).flatMap(({ item, approvals, why, refusals }) => {
    const because = `${why}: ${refusals.join("; ")}`;
    const who = approvals.map((roles) => roles.join(" or ")).join(", ");
    return when(true, "approvals", because, `sign ${item} with \`rampart sign\``, who);
  });
}

function unmet(
  needed: readonly Needed[],
  live: LiveRollout,
  left: Phase,
  { files, signers, clock, stack }: SignedFiles,
): (Needed & { refusals: string[] })[] {
  return needed.flatMap((one) => {
    const { item, approvals, notApplicable, counts } = one;
    const requirement: Requirement = {
      ...{ ...subjectOf(live, left, stack), items: [item], approvals, longestLife },
      notApplicable: notApplicable === true,
    };
    const counting = counts ? files.filter((file) => isRead(file, (statement) => counts(statement, clock))) : files;
    const { met, refusals } = meets(requirement, counting, signers, clock);
    return met ? [] : [{ ...one, refusals: refusals.map(({ message }) => message) }];
  });
}

/** Signers that can't be read are nobody, and nobody has signed. */
function tried(signed: () => SignedFiles): SignedFiles | string {
  try {
    return signed();
  } catch (error) {
    return (error as Error).message;
  }
}

interface Needed {
  item: string;
  approvals: readonly (readonly string[])[];
  notApplicable?: boolean;
  /** Which statements about the item count at all. */
  counts?: (statement: Statement, clock: Clock) => boolean;
  why: string;
}

function approvalsOf({ name, approvals }: Phase): Needed[] {
  const always = approvals.filter(({ ifApplicable }) => !ifApplicable);
  const sometimes = approvals.filter(({ ifApplicable }) => ifApplicable);
  const needed = (list: readonly Approval[], more: Partial<Needed>): Needed[] =>
    list.length === 0
      ? []
      : [
          {
            item: approvalItem(name),
            approvals: list.map(({ anyOf }) => anyOf),
            why: `${name} needs ${list.length} signature${list.length === 1 ? "" : "s by different people"}`,
            ...more,
          },
        ];
  return [...needed(always, {}), ...needed(sometimes, { notApplicable: true })];
}

/** A notice that was given too late is as good as none. */
function noticesOf(phase: Phase): Needed[] {
  return phase.requires.flatMap((need): Needed[] => {
    if (need.need !== "notice") return [];
    const why = `people have to be told ${need.before} before`;
    const counts = ({ issuedAt }: Statement, { now }: Clock): boolean =>
      instantToSeconds(issuedAt)! <= now - toSeconds(need.before);
    return [{ item: noticeItem(phase.name), approvals: [anyApprover(phase)], counts, why }];
  });
}

/** A choice that doesn't say what was chosen is none. */
function choicesOf(phase: Phase): Needed[] {
  return phase.requires.flatMap(({ need }): Needed[] => {
    if (need !== "data-loss-choice") return [];
    const why = "somebody has to choose what becomes of later writes on the way back, and say so with --reason";
    const counts = ({ reason }: Statement): boolean => reason !== undefined;
    return [{ item: choiceItem(phase.name), approvals: [anyApprover(phase)], counts, why }];
  });
}

function anyApprover({ approvals }: Phase): readonly string[] {
  const roles = [...new Set(approvals.flatMap(({ anyOf }) => anyOf))];
  return roles.length > 0 ? roles : ["operations"];
}

const subjectOf = ({ spec }: LiveRollout, phase: Phase, stack: string) => ({
  system: spec.system,
  stack,
  artifact: spec.artifact,
  revision: spec.revision,
  planDigest: spec.planDigest,
  phase: phase.name,
  attempt: spec.attempt,
});

/** What can't be read is left to the check of signatures, which says so. */
function isRead({ file, text }: EvidenceFile, counts: (statement: Statement) => boolean): boolean {
  try {
    return counts(parseEvidence(text, file).statement);
  } catch {
    return true;
  }
}

function againstUnplanned({ spec }: LiveRollout): Reason[] {
  return when(
    true,
    "approvals",
    `the plan in this checkout has no phase ${spec.phase}, so nobody can tell who has to approve that it is left`,
    "take the plan's phase back in, or land again",
  );
}
