import { z } from "zod";
import { parseJsonFile } from "./json-file.ts";
import { type LogEntry, type LogOwner, logEntrySchema } from "./log.ts";

/** The log of an attempt as it lies in the project. */
export interface LogFile {
  readonly owner: LogOwner;
  readonly log: readonly LogEntry[];
}

const schema = z.strictObject({
  format: z.literal("rampart-log/v1"),
  system: z.string().min(1),
  stack: z.string().min(1),
  attempt: z.int().min(1),
  entries: z.array(logEntrySchema).min(1),
});

/** One entry a line, so that a review shows what was added. */
export function formatLog({ system, stack, attempt }: LogOwner, log: readonly LogEntry[]): string {
  const head = JSON.stringify({ format: "rampart-log/v1", system, stack, attempt }).slice(0, -1);
  return `${head},"entries":[\n${log.map((entry) => JSON.stringify(entry)).join(",\n")}\n]}\n`;
}

/** Only its shape; whether the entries follow from each other is for `verifyLog`. */
export function parseLogFile(text: string, file: string): LogFile {
  const { data } = parseJsonFile(schema, text, file, "the log of an attempt");
  const { system, stack, attempt, entries } = data;
  return { owner: { system, stack, attempt }, log: entries };
}

/** Whether a log begins with all that another one says. */
export const isContinued = (before: readonly LogEntry[], log: readonly LogEntry[]): boolean =>
  before.length <= log.length && (before.length === 0 || log[before.length - 1]!.hash === before.at(-1)!.hash);
