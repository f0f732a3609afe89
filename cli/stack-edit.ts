import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EditableKey, editStackFile } from "../rollout/config/edit.ts";
import { parseStackFile } from "../rollout/config/parse.ts";
import { ConfigError, formatProblem } from "../rollout/config/problem.ts";
import type { RolloutPhase } from "../rollout/transitions/model.ts";
import { plans } from "../stacks/systems/plans.ts";
import { CliError } from "./output.ts";
import type { Stack } from "./stack.ts";

export type Edit = readonly (readonly [key: EditableKey, value: string | number | true | undefined])[];

/** The lines that name a phase: its percent, and its name where an earlier phase has the same percent. */
export function editsForPhase(phase: RolloutPhase, phases: readonly RolloutPhase[]): Edit {
  const isPlain = phases.find(({ percent }) => percent === phase.percent)?.name === phase.name;
  return [
    ["percent", phase.percent],
    ["phase", isPlain ? undefined : phase.name],
  ];
}

export const editsForSettle = (artifact: string): Edit => [
  ["stable", artifact],
  ["percent", 100],
  ["phase", undefined],
];

/** The text after all edits of all systems, or the end of the command where the result wouldn't be a valid config. */
export function editedText(text: string, file: string, edits: ReadonlyMap<string, Edit>): string {
  let edited = text;
  try {
    for (const [system, edit] of edits) {
      for (const [key, value] of edit) edited = editStackFile(edited, file, system, key, value);
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CliError(error.message);
  }
  const { problems } = parseStackFile(edited, file, plans);
  if (problems) throw new CliError(`${file} can't be changed like this\n${problems.map(formatProblem).join("\n")}`);
  return edited;
}

export interface Written {
  readonly isChanged: boolean;
  putBack(): void;
}

export function writeEdits({ directory, file }: Stack, edits: ReadonlyMap<string, Edit>): Written {
  const path = join(directory, file);
  const before = readFileSync(path, "utf8");
  const after = editedText(before, file, edits);
  if (after !== before) writeFileSync(path, after);
  return { isChanged: after !== before, putBack: () => writeFileSync(path, before) };
}
