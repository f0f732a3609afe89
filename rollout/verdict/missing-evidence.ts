import { judgeItem, needsResources } from "../checklist/verdict.ts";
import { againstMissingSignatures, approvalItem, noticeItem, type SignedFiles } from "../guard/approvals.ts";
import type { Phase, Plan } from "../plan/model.ts";
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
  const missing = againstMissingSignatures(watched, phase, signed);
  const approvals =
    missing.length > 0 ? [missing.some(isNotice) ? noticeItem(phase.name) : approvalItem(phase.name)] : [];
  return [...open.map(({ id }) => id), ...approvals];
}

const isNotice = ({ mend }: { mend: string }): boolean => mend.includes("notice:");

/** An item about resources as far as it also asks for a proof. */
function signedPart(item: ReadinessItem): ReadinessItem[] {
  if (!needsResources(item)) return [item];
  return item.and ? [{ ...item, class: item.and }] : [];
}
