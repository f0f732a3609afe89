import { styleText } from "node:util";
import { table } from "./table.ts";

/** 0: fine; 1: a problem was found; 2: the command was used wrongly. */
export const exitCode = { ok: 0, problem: 1, usage: 2 } as const;

/** A problem that ends the command with a message and no stack trace. */
export class CliError extends Error {
  readonly code: number;
  constructor(message: string, code: number = exitCode.problem) {
    super(message);
    this.code = code;
  }
}

export function printLine(text = ""): void {
  process.stdout.write(`${text}\n`);
}

export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, undefined, 2));
}

/** Styled only for a terminal, and never with NO_COLOR. */
export function styled(style: "bold" | "dim" | "red" | "green" | "yellow", text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** How wide lines may get: 120, or the terminal where it is narrower. */
export function lineWidth(): number {
  return Math.min(process.stdout.columns ?? 120, 120);
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  for (const line of table(head, rows, lineWidth())) printLine(line);
}
