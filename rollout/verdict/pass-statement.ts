import { phasePassed } from "../evidence/staging-pass.ts";
import { instantOf, type Statement } from "../evidence/statement.ts";
import { secondsOf } from "./model.ts";
import { type PhaseRecord, recordDigest } from "./record.ts";

/** An artifact that has waited for longer than this walks through staging again, before production takes it. */
const validity = 90 * 86_400;

/** What an analyzer signs of a phase that has passed: for other stacks, and for those who come later. */
export function passStatement(record: PhaseRecord, principal: string, logHead: string | undefined): Statement {
  const { watched, seen, said, stack } = record;
  const { system, artifact, revision, planDigest, phase, attempt } = watched.spec;
  const { phaseStartedAt } = watched.status;
  return {
    format: "rampart-evidence/v1",
    ...{ system, stack, artifact, revision, planDigest, phase: phase!, attempt },
    items: [phasePassed],
    result: "passed",
    window: { from: instantOf(phaseStartedAt ? secondsOf(phaseStartedAt) : seen.now), to: instantOf(seen.now) },
    issuedAt: instantOf(seen.now),
    expires: instantOf(seen.now + validity),
    signer: { principal, role: "analyzer" },
    figures: { record: recordDigest(record), verdict: said.reason || said.outcome },
    ...(logHead && { logHead }),
  };
}
