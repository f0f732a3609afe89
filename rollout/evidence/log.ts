import { z } from "zod";
import { digestOf } from "./canonical.ts";

/** The namespace where no system's identity comes, and nothing lies that the analyzer may not write. */
export const evidenceSpace = "rampart-evidence";

/**
 * What happened in one attempt of one rollout, in order, each entry holding the hash of the one before. Whoever knows
 * the head knows that nothing before it was changed, left out or put in: voids and aborts can't be dropped quietly.
 */
const kinds = [
  "landed",
  "stepped",
  "went-down",
  "verdict",
  "passed",
  "voided",
  "aborted",
  "completed",
  "settled",
  "restored",
] as const;

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 hex digits");

export const logEntrySchema = z.strictObject({
  seq: z.int().min(0),
  previous: digest,
  /** Seconds since 1970. */
  at: z.int().min(0),
  kind: z.enum(kinds),
  phase: z.string().min(1),
  artifact: z.string().min(1),
  revision: z.string().min(1),
  planDigest: digest,
  /** Step of the Rollout that this is about. */
  step: z.int().min(0),
  reason: z.string().max(2000),
  /** Digests of the statements that it rests on. */
  evidence: z.array(digest).max(1000),
  hash: digest,
});
export type LogEntry = z.infer<typeof logEntrySchema>;
export type LogEvent = Omit<LogEntry, "seq" | "previous" | "hash">;

/** Which attempt a log belongs to; its hash stands where the first entry has no other before it. */
export interface LogOwner {
  system: string;
  stack: string;
  attempt: number;
}

export const logGenesis = ({ system, stack, attempt }: LogOwner): string => digestOf({ attempt, stack, system });

export const logHead = (owner: LogOwner, log: readonly LogEntry[]): string => log.at(-1)?.hash ?? logGenesis(owner);

const hashOf = ({ hash: _, ...rest }: LogEntry): string => digestOf(rest);

export function appendToLog(owner: LogOwner, log: readonly LogEntry[], event: LogEvent): LogEntry[] {
  const newest = log.at(-1);
  if (newest && event.at < newest.at) {
    throw new RangeError(`clock set back: the log's newest entry is of ${newest.at}, this one would be of ${event.at}`);
  }
  const entry: LogEntry = { ...event, seq: log.length, previous: logHead(owner, log), hash: "" };
  return [...log, logEntrySchema.parse({ ...entry, hash: hashOf(entry) })];
}

export interface LogProblem {
  code: "altered" | "gap" | "broken-link" | "foreign" | "clock-set-back" | "wrong-head";
  message: string;
}

/** Everything wrong with a log; empty when it is whole. Without `head` a log that was cut off at its end looks whole. */
export function verifyLog(owner: LogOwner, log: readonly LogEntry[], head?: string): LogProblem[] {
  const problems: LogProblem[] = [];
  const report = (code: LogProblem["code"], message: string): void => void problems.push({ code, message });
  for (const [index, entry] of log.entries()) {
    const before = log[index - 1];
    const expected = before ? before.seq + 1 : 0;
    if (hashOf(entry) !== entry.hash) report("altered", `entry ${entry.seq} was changed: its hash doesn't fit`);
    if (entry.seq !== expected) {
      report(
        "gap",
        `after ${before ? `entry ${before.seq}` : "the beginning"} comes entry ${entry.seq}, expected ${expected}`,
      );
    } else if (!before && entry.previous !== logGenesis(owner)) {
      report("foreign", `the log doesn't begin with ${owner.system} in ${owner.stack}, attempt ${owner.attempt}`);
    } else if (before && entry.previous !== before.hash) {
      report("broken-link", `entry ${entry.seq} doesn't follow from entry ${before.seq}`);
    }
    if (before && entry.at < before.at) report("clock-set-back", `entry ${entry.seq} is older than the one before it`);
  }
  if (head !== undefined && head !== logHead(owner, log)) {
    report(
      "wrong-head",
      `the log ends with ${logHead(owner, log)}, expected ${head}; entries are missing at its end, or too many`,
    );
  }
  return problems;
}

/** What is still true at the end of a log: the state that a rebuilt cluster may climb back to. */
export interface LogState {
  phase: string | undefined;
  artifact: string | undefined;
  revision: string | undefined;
  /** Passes that count, in the order of the plan's phases. */
  passed: string[];
  aborted: { at: number; reason: string } | undefined;
  complete: boolean;
  settled: boolean;
}

/** Replays a log that was verified. `phases`: names in the order of the plan; a down voids from where it lands. */
export function replayLog(log: readonly LogEntry[], phases: readonly string[]): LogState {
  const state: LogState = {
    phase: undefined,
    artifact: undefined,
    revision: undefined,
    passed: [],
    aborted: undefined,
    complete: false,
    settled: false,
  };
  const voidFrom = (phase: string): void => {
    const from = phases.indexOf(phase);
    state.passed = state.passed.filter((name) => from >= 0 && phases.indexOf(name) < from);
    state.complete = false;
  };
  for (const { kind, phase, artifact, revision, at, reason } of log) {
    if (kind === "verdict") continue;
    if (kind === "passed" || kind === "restored")
      state.passed = phases.filter((name) => name === phase || state.passed.includes(name));
    if (kind === "voided") voidFrom(phase);
    if (kind === "landed") voidFrom(phases[0] ?? phase);
    if (kind === "went-down") voidFrom(phase);
    if (kind === "aborted") state.aborted = { at, reason };
    if (kind === "completed") state.complete = true;
    if (kind === "settled") state.settled = true;
    if (["landed", "stepped", "went-down", "restored"].includes(kind))
      Object.assign(state, { phase, artifact, revision });
  }
  return state;
}

/** How far a rebuilt cluster may climb, one phase per step: not after an abort, and never past a pass that was voided. */
export function restorable(log: readonly LogEntry[], phases: readonly string[]): string | undefined {
  const { phase, passed, aborted } = replayLog(log, phases);
  if (phase === undefined || aborted) return phases[0];
  const reached = phases.indexOf(phase);
  const proven = phases.findIndex((name) => !passed.includes(name));
  return phases[proven < 0 ? reached : Math.min(reached, proven)];
}
