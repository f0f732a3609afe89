import { existsSync, globSync } from "node:fs";
import { join, relative } from "node:path";
import { readWaiver, type Waiver } from "../rollout/baseline/waiver.ts";
import { type AllowedSigner, parseAllowedSigners } from "../rollout/evidence/allowed-signers.ts";
import type { SignedFiles } from "../rollout/guard/approvals.ts";
import { evidenceFolder, readText, signersFile } from "./evidence-files.ts";
import { CliError } from "./output.ts";

export const waiverFolder = "waivers";

/** Who may sign as what in a project; nobody where the file isn't there yet. */
export function signersOf(directory: string): AllowedSigner[] {
  const file = join(directory, signersFile);
  if (!existsSync(file)) return [];
  try {
    return parseAllowedSigners(readText(file), signersFile);
  } catch (error) {
    throw new CliError((error as Error).message);
  }
}

/** Evidence for a stack as it lies in the project. */
export function signedFor(directory: string, stack: string): SignedFiles {
  const found = globSync(join(directory, evidenceFolder, stack, "*", "*.json")).sort();
  return {
    stack,
    files: found.map((file) => ({ file: relative(directory, file), text: readText(file) })),
    signers: signersOf(directory),
    clock: { now: Date.now() / 1000 },
  };
}

export interface Waivers {
  readonly counting: readonly Waiver[];
  /** Files that let nothing pass, and why. */
  readonly problems: readonly string[];
}

export function waiversFor(directory: string, stack: string): Waivers {
  const signers = signersOf(directory);
  const read = globSync(join(directory, waiverFolder, stack, "*.json"))
    .sort()
    .map((path) =>
      readWaiver({ file: relative(directory, path), text: readText(path) }, signers, stack, Date.now() / 1000),
    );
  return {
    counting: read.flatMap(({ waiver }) => waiver ?? []),
    problems: read.flatMap(({ problems }) => problems ?? []),
  };
}
