import { judgeItem, needsResources } from "../checklist/verdict.ts";
import { meets } from "../evidence/required.ts";
import { missingSignatures, type SignedFiles } from "../guard/approvals.ts";
import type { Phase, Plan } from "../plan/model.ts";
import type { Role } from "../plan/roles.ts";
import type { ReadinessItem } from "../readiness/model.ts";
import { itemsOf } from "../readiness/readiness.ts";
import { secondsOf, type Watched } from "./model.ts";

/**
 * What people still have to sign before a phase can pass: items of its checklist, approvals, notices. What follows from
 * the resources alone was decided in the preview, which has them before its eyes.
 */
export function missingEvidence(watched: Watched, plan: Plan, phase: Phase, signed: SignedFiles): string[] {
  const { spec, status } = watched;
  const startedAt =
    phase.percent === 0 || status.phaseStartedAt === undefined ? undefined : secondsOf(status.phaseStartedAt);
  const subject = { plan, spec, phase: phase.name, startedAt, resources: [], ...signed };
  const open = itemsOf(plan.system, phase.name)
    .flatMap(signedPart)
    .filter((item) => !judgeItem(item, subject).isMet);
  return [...open.map(({ id }) => id), ...missingSignatures(watched, phase, signed)];
}

/** What a statement names when it accepts that a criterion stays open in a phase. */
export const acceptItem = (criterion: string): string => `accept:${criterion}`;

/** Criteria whose open end was accepted for this attempt, by somebody who may approve the phase and has seen it. */
export function acceptedCriteria(
  { spec, status }: Watched,
  phase: Phase,
  { files, signers, clock, stack }: SignedFiles,
): string[] {
  if (status.phaseStartedAt === undefined) return [];
  const roles = [...new Set(phase.approvals.flatMap(({ anyOf }) => anyOf))];
  const { system, artifact, revision, planDigest, attempt } = spec;
  const about = { system, stack, artifact, revision, planDigest, attempt, phase: phase.name };
  // Nobody accepts beforehand what hasn't been measured yet.
  const when = { windowAfter: Math.floor(secondsOf(status.phaseStartedAt)) };
  const approvals = [roles.length > 0 ? roles : acceptors];
  return phase.criteria
    .filter(({ zeroTolerance }) => !zeroTolerance)
    .map(({ id }) => id)
    .filter((id) => meets({ ...about, ...when, items: [acceptItem(id)], approvals }, files, signers, clock).met);
}

/** Where a phase asks nobody to approve it. */
const acceptors: readonly Role[] = ["sre", "engineering-lead", "technical-lead"];

/** An item about resources as far as it also asks for a proof. */
function signedPart(item: ReadinessItem): ReadinessItem[] {
  if (!needsResources(item)) return [item];
  return item.and ? [{ ...item, class: item.and }] : [];
}
