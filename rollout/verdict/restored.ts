import { parseEvidence } from "../evidence/evidence-file.ts";
import { type LogEntry, logHead, replayLog, verifyLog } from "../evidence/log.ts";
import { type LogFile, parseLogFile } from "../evidence/log-file.ts";
import { type EvidenceFile, meets } from "../evidence/required.ts";
import type { SignedFiles } from "../guard/approvals.ts";
import type { Role } from "../plan/roles.ts";
import type { RolloutSpec } from "../transitions/model.ts";
import { restorePasses } from "../transitions/restore.ts";
import type { Watched } from "./model.ts";

/** What a statement names when it vouches for the end of a log whose cluster was lost. */
export const restoreItem = "restore";
export const restorers: readonly Role[] = ["incident-commander", "platform-engineering", "sre", "technical-lead"];

/** How a log is called among the files that are brought to the analyzer. */
export const isLogFile = ({ file }: Pick<EvidenceFile, "file">): boolean => /(^|\/)log\.json$/.test(file);

/** What this cluster itself has kept: a log of one that wasn't lost restores nothing. */
export interface OwnLogs {
  /** Of the attempt that is live. */
  readonly current: readonly LogEntry[];
  readonly has: (attempt: number) => Promise<boolean>;
}

/** Steps of a climb on which nothing was earned, ended or given up yet. */
const quiet: readonly LogEntry["kind"][] = ["landed", "stepped", "restored", "verdict"];

/**
 * The head of the log by which the current phase counts as passed: a whole log, vouched for by signature for this very
 * attempt, of a rollout of the same artifact and revision that wasn't aborted, in a cluster that has no history of its
 * own. Undefined where there is none.
 */
export async function restoredBy(watched: Watched, signed: SignedFiles, own: OwnLogs): Promise<string | undefined> {
  const { spec } = watched;
  if (!own.current.every(({ kind }) => quiet.includes(kind))) return undefined;
  for (const file of signed.files.filter(isLogFile)) {
    const found = readOrNothing(file);
    if (!found || againstLog(found, spec, signed.stack).length > 0) continue;
    const head = logHead(found.owner, found.log);
    if (!isVouchedFor(head, watched, signed) || !restorable(watched, found).includes(spec.phase ?? "")) continue;
    const { attempt } = found.owner;
    if (attempt !== spec.attempt && (await own.has(attempt))) continue;
    return head;
  }
  return undefined;
}

/** Everything that is wrong with a log for this rollout's restore, in words. */
export function againstLog({ owner, log }: LogFile, { system }: Pick<RolloutSpec, "system">, stack: string): string[] {
  const foreign =
    owner.system === system && owner.stack === stack ? [] : [`it is the log of ${owner.system} in ${owner.stack}`];
  return [...foreign, ...verifyLog(owner, log).map(({ message }) => message)];
}

/** Phases that may be taken over, up to the first that hadn't passed or was voided. */
function restorable({ spec, status }: Watched, { log }: LogFile): string[] {
  const end = replayLog(
    log,
    spec.phases.map(({ name }) => name),
  );
  const earned = status.passed.filter(({ restored, attempt }) => !restored && attempt === spec.attempt);
  return restorePasses({ spec, status: { ...status, passed: earned } }, end).passed.map(({ phase }) => phase);
}

function isVouchedFor(head: string, { spec }: Watched, { files, signers, clock, stack }: SignedFiles): boolean {
  const { system, artifact, revision, planDigest, attempt } = spec;
  const about = { system, stack, artifact, revision, planDigest, attempt, phase: spec.phases[0]!.name };
  return files
    .filter((file) => !isLogFile(file) && headOf(file) === head)
    .some((file) => meets({ ...about, items: [restoreItem], approvals: [restorers] }, [file], signers, clock).met);
}

function headOf({ file, text }: EvidenceFile): string | undefined {
  try {
    return parseEvidence(text, file).statement.logHead;
  } catch {
    return undefined;
  }
}

function readOrNothing({ file, text }: EvidenceFile): LogFile | undefined {
  try {
    return parseLogFile(text, file);
  } catch {
    return undefined;
  }
}
