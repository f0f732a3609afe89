import type { AllowedSigner } from "./allowed-signers.ts";
import { type Evidence, parseEvidence } from "./evidence-file.ts";
import { EvidenceError, type Refusal } from "./refusal.ts";
import { type Clock, type Expectation, verifyEvidence } from "./verify.ts";

export interface EvidenceFile {
  file: string;
  text: string;
}

/** What has to be vouched for before a step: these items, by each of these roles, each by another person. */
export interface Requirement extends Omit<Expectation, "roles"> {
  /** Every one of these roles has to sign; inside an entry, any one role will do. */
  approvals: readonly (readonly string[])[];
}

export interface Finding {
  met: boolean;
  /** Files that count, in the order of `approvals`. */
  accepted: { file: string; principal: string; role: string }[];
  refusals: Refusal[];
}

/**
 * Whether the files together meet the requirement. A file about something else isn't held against it; one that claims
 * these very items and is no good is reported, since that is what its author wants to know.
 */
export function meets(
  requirement: Requirement,
  files: readonly EvidenceFile[],
  signers: readonly AllowedSigner[],
  clock: Clock,
): Finding {
  const refusals: Refusal[] = [];
  const candidates: { file: string; evidence: Evidence; entries: number[] }[] = [];
  for (const { file, text } of files) {
    const read = readOrRefuse(text, file);
    if ("code" in read) {
      refusals.push(read);
      continue;
    }
    if (!requirement.items.some((item) => read.statement.items.includes(item))) continue;
    const roles = requirement.approvals.flat();
    const found = verifyEvidence(read, { ...requirement, roles }, signers, clock, file);
    refusals.push(...found);
    if (found.length > 0) continue;
    const entries = requirement.approvals.flatMap((entry, index) =>
      entry.includes(read.statement.signer.role) ? [index] : [],
    );
    candidates.push({ file, evidence: read, entries });
  }
  const chosen = assign(requirement.approvals.length, candidates);
  const accepted = chosen.flatMap((candidate) =>
    candidate ? [{ file: candidate.file, ...candidate.evidence.statement.signer }] : [],
  );
  for (const [index, roles] of requirement.approvals.entries()) {
    if (chosen[index]) continue;
    const message =
      `missing: ${requirement.items.join(", ")} for ${requirement.system} ${requirement.phase} in ${requirement.stack}` +
      `${requirement.attempt === undefined ? "" : `, attempt ${requirement.attempt}`}; to be signed as ${roles.join(" or ")}, by somebody who hasn't signed it in another role`;
    refusals.unshift({ code: "missing", message });
  }
  return { met: accepted.length === requirement.approvals.length, accepted, refusals };
}

function readOrRefuse(text: string, file: string): Evidence | Refusal {
  try {
    return parseEvidence(text, file);
  } catch (error) {
    if (error instanceof EvidenceError) return { code: error.code, message: error.message };
    throw error;
  }
}

type Candidate = { file: string; evidence: Evidence; entries: number[] };

/** The largest matching of entries to people: whoever may sign in two roles must not block the second one. */
function assign(entries: number, candidates: readonly Candidate[]): (Candidate | undefined)[] {
  const byEntry: (Candidate | undefined)[] = Array.from({ length: entries });
  const principalOf = (candidate: Candidate): string => candidate.evidence.statement.signer.principal;
  const place = (entry: number, tried: Set<string>): boolean => {
    for (const candidate of candidates) {
      const principal = principalOf(candidate);
      if (!candidate.entries.includes(entry) || tried.has(principal)) continue;
      tried.add(principal);
      const held = byEntry.findIndex((other) => other !== undefined && principalOf(other) === principal);
      if (held >= 0 && !place(held, tried)) continue;
      byEntry[entry] = candidate;
      return true;
    }
    return false;
  };
  for (let entry = 0; entry < entries; entry += 1) place(entry, new Set());
  return byEntry;
}
