import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { digestOf } from "../evidence/canonical.ts";
import { parseJsonFile } from "../evidence/json-file.ts";
import type { Exposure } from "../exposure/exposure.ts";
import { planPhaseSchema } from "../plan/schema.ts";
import { currentAbort, type Outcome } from "../transitions/model.ts";
import { exposureSchema } from "../transitions/schema.ts";
import { type AnalyzerStatus, type DatedAbort, type Seen, secondsOf, type Watched } from "./model.ts";
import { nextStatus } from "./next-status.ts";
import { type Scene, sceneSchema } from "./scene.ts";
import { specSchema, statusSchema } from "./schema.ts";

/** How a phase came to its end, with everything that this rests on: whoever has it comes to the same verdict. */
export interface PhaseRecord {
  readonly format: "rampart-record/v1";
  readonly stack: string;
  readonly end: "passed" | "aborted";
  /** With the windows that were counted until then. */
  readonly watched: Watched;
  readonly seen: Seen;
  readonly said: Said;
  /** What was there when an attempt ended. */
  readonly scene?: Scene | undefined;
}

/** The part of a status that a decision is about. */
export interface Said {
  readonly outcome: Outcome;
  readonly reason: string;
  readonly passed: readonly string[];
  readonly aborted?: { readonly trigger: string; readonly reason: string; readonly to: Exposure } | undefined;
}

/** Of the look that passed the phase. */
export function recordOfPass(stack: string, watched: Watched, seen: Seen): PhaseRecord {
  return recorded(stack, "passed", watched, seen);
}

/**
 * Of an attempt that is over. Where its counts alone would have ended it, the latch is left out, so that a replay has
 * to find the same end by itself; an alert or a person is taken at their word.
 */
export function recordOfAbort(stack: string, watched: Watched, seen: Seen, scene: Scene): PhaseRecord {
  const abort = currentAbort(watched) as DatedAbort | undefined;
  if (!abort) throw new Error(`attempt ${watched.spec.attempt} of ${watched.spec.system} isn't over`);
  const { aborted: _latch, ...open } = watched.status;
  const atTheEnd = { ...seen, now: abort.at === undefined ? seen.now : secondsOf(abort.at) };
  const byCounts = recorded(stack, "aborted", { ...watched, status: open }, atTheEnd);
  const isSame = byCounts.said.aborted?.trigger === abort.trigger;
  return { ...(isSame ? byCounts : recorded(stack, "aborted", watched, atTheEnd)), scene };
}

function recorded(stack: string, end: PhaseRecord["end"], watched: Watched, seen: Seen): PhaseRecord {
  const next = nextStatus(watched, seen);
  const { windows, phaseStartedAt } = next;
  const status = { ...watched.status, ...(windows && { windows }), ...(phaseStartedAt && { phaseStartedAt }) };
  const finite = (all: Readonly<Record<string, number>>) =>
    Object.fromEntries(Object.entries(all).filter(([, value]) => Number.isFinite(value)));
  const { readings, baselines } = seen;
  const whole: PhaseRecord = {
    ...{ format: "rampart-record/v1", stack, end, said: saidOf(next) },
    watched: { ...watched, status },
    seen: { ...seen, windows: {}, readings: finite(readings), baselines: finite(baselines) },
  };
  // As it comes back from a file: without what JSON doesn't say.
  return JSON.parse(JSON.stringify(whole));
}

function saidOf({ verdict, passed, aborted }: AnalyzerStatus): Said {
  return {
    outcome: verdict!.outcome,
    reason: verdict!.reason ?? "",
    passed: passed.map(({ phase }) => phase),
    ...(aborted && { aborted: { trigger: aborted.trigger, reason: aborted.reason, to: aborted.to } }),
  };
}

/** What this version of the rules says of it. */
export const replay = ({ watched, seen }: PhaseRecord): Said => saidOf(nextStatus(watched, seen));

/** In which points a replay comes to something else; empty when it is the same. */
export function replayDifferences(record: PhaseRecord): string[] {
  const again = replay(record);
  const keys = ["outcome", "reason", "passed", "aborted"] as const;
  return keys
    .filter((key) => !isDeepStrictEqual(again[key], record.said[key]))
    .map((key) => `${key}: it said ${shown(record.said[key])}, and now it is ${shown(again[key])}`);
}

const shown = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing"));

/** By which the log of the attempt names it. */
export const recordDigest = (record: PhaseRecord): string => digestOf(record);

const outcome = z.enum(["Passed", "Failed", "Inconclusive", "Error", "Running"]);
const numbers = z.record(z.string(), z.number());
const schema = z.object({
  format: z.literal("rampart-record/v1"),
  stack: z.string().min(1),
  end: z.enum(["passed", "aborted"]),
  watched: z.object({ spec: specSchema, status: statusSchema, generation: z.number() }),
  seen: z.object({
    now: z.number(),
    effective: exposureSchema,
    isProgrammed: z.boolean(),
    isMirrored: z.boolean().optional(),
    phase: planPhaseSchema.optional(),
    windows: z.strictObject({}),
    readings: numbers,
    baselines: numbers,
    missingEvidence: z.array(z.string()),
    accepted: z.array(z.string()),
    restored: z.string().optional(),
    isRehearsal: z.boolean(),
    blind: z.string().optional(),
  }),
  said: z.object({
    outcome,
    reason: z.string(),
    passed: z.array(z.string()),
    aborted: z.object({ trigger: z.string(), reason: z.string(), to: exposureSchema }).optional(),
  }),
  scene: sceneSchema.optional(),
});

/** Throws what is wrong with it, and where. The digest is over what was read, whatever this version knows of it. */
export function parseRecord(text: string, file: string): { record: PhaseRecord; digest: string } {
  const { value, data } = parseJsonFile(schema, text, file, "the record of a phase");
  return { record: data as unknown as PhaseRecord, digest: digestOf(value) };
}
