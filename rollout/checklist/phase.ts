import { instantToSeconds } from "../evidence/statement.ts";
import type { SignedFiles } from "../guard/approvals.ts";
import type { Plan } from "../plan/model.ts";
import { itemsOf } from "../readiness/readiness.ts";
import type { LiveRollout } from "../transitions/model.ts";
import { type ItemVerdict, judgeItem, needsResources } from "./verdict.ts";

type Dated = LiveRollout & { status: { phaseStartedAt?: string | undefined } };

/** Where nobody is exposed, what was measured before the phase (in staging, in a drill) is what is asked for. */
export function startOfPhase({ spec, status }: Dated): number | undefined {
  const percent = spec.phases.find(({ name }) => name === spec.phase)?.percent ?? 0;
  return percent === 0 || status.phaseStartedAt === undefined ? undefined : instantToSeconds(status.phaseStartedAt);
}

export interface PhaseChecklist {
  readonly phase: string;
  readonly verdicts: readonly ItemVerdict[];
  /** Items about resources: only a preview sees those. */
  readonly leftToPreview: number;
}

/** What plan and signatures say of a phase's items, for somebody who has no resources to look at. */
export function checklistOf(plan: Plan, live: Dated, phase: string, signed: SignedFiles): PhaseChecklist {
  const items = itemsOf(plan.system, phase);
  const startedAt = live.spec.phase === phase ? startOfPhase(live) : undefined;
  const subject = { plan, spec: live.spec, phase, startedAt, resources: [], ...signed };
  const own = items.filter((item) => !needsResources(item));
  return { phase, verdicts: own.map((item) => judgeItem(item, subject)), leftToPreview: items.length - own.length };
}
