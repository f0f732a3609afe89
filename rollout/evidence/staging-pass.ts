import { ladders } from "../config/model.ts";
import { planDigest } from "../plan/digest.ts";
import { phasesOf } from "../plan/ladder.ts";
import type { Plan } from "../plan/model.ts";
import type { AllowedSigner } from "./allowed-signers.ts";
import { type EvidenceFile, type Finding, meets, type Requirement } from "./required.ts";
import type { Clock } from "./verify.ts";

/** The item of a statement that a phase, and all before it, has passed. */
export const phasePassed = "phase-passed";

/** What a pass of a phase needs: the word of that stack's analyzer. */
export function passRequirement(
  plan: Plan,
  ladder: (typeof ladders)[number],
  artifact: string,
): Requirement | undefined {
  const last = phasesOf(plan, "staging", ladder).at(-1);
  if (!last) return undefined;
  return {
    system: plan.system,
    stack: "staging",
    artifact,
    // It speaks of staging's pods and of staging's attempt, whatever those are called here.
    revision: undefined,
    attempt: undefined,
    planDigest: planDigest(plan, "staging", ladder),
    phase: last.name,
    items: [phasePassed],
    approvals: [["analyzer"]],
  };
}

/** Whether staging has passed this very artifact on one of its ladders; staging itself may have moved on since. */
export function stagingPass(
  plan: Plan,
  artifact: string,
  files: readonly EvidenceFile[],
  signers: readonly AllowedSigner[],
  clock: Clock,
): Finding {
  const findings = ladders.flatMap((ladder) => {
    const requirement = passRequirement(plan, ladder, artifact);
    return requirement ? [meets(requirement, files, signers, clock)] : [];
  });
  return findings.find(({ met }) => met) ?? findings[0] ?? { met: false, accepted: [], refusals: [] };
}
