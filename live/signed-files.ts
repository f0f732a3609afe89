import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { readWaiver, type Waiver } from "../rollout/baseline/waiver.ts";
import { type AllowedSigner, parseAllowedSigners } from "../rollout/evidence/allowed-signers.ts";
import { parseEvidence } from "../rollout/evidence/evidence-file.ts";
import { EvidenceError } from "../rollout/evidence/refusal.ts";
import type { EvidenceFile } from "../rollout/evidence/required.ts";
import type { SignedFiles } from "../rollout/guard/approvals.ts";

/** Where a project keeps what people have signed. */
export const evidenceFolder = "evidence";
export const waiverFolder = "waivers";
export const signersFile = join(evidenceFolder, "allowed_signers");

/** Who may sign as what in a project, as text; undefined where the file isn't there yet. */
export function signersText(root: string, file = signersFile): string | undefined {
  const path = resolve(root, file);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Nobody where the file isn't there yet; throws with the file's name where it can't be read. */
export const signersIn = (root: string, file = signersFile): AllowedSigner[] =>
  parseAllowedSigners(signersText(root, file) ?? "", file);

const filesIn = (root: string, ...pattern: string[]): EvidenceFile[] =>
  globSync(resolve(root, ...pattern))
    .sort()
    .map((file) => ({ file: relative(root, file), text: readFileSync(file, "utf8") }));

/** Signed statements of a project about a system in a stack. */
export const signedFiles = (root: string, stack: string, system: string): EvidenceFile[] =>
  filesIn(root, evidenceFolder, stack, system, "*.json");

/** All signed statements for a stack and who may sign as what, judged by the clock of whoever asks. */
export const signedFor = (root: string, stack: string, folder = evidenceFolder): SignedFiles => ({
  stack,
  files: filesIn(root, folder, stack, "*", "*.json"),
  signers: signersIn(root, join(folder, "allowed_signers")),
  clock: { now: Date.now() / 1000 },
});

export interface Waivers {
  readonly counting: readonly Waiver[];
  /** Files that let nothing pass, and why. */
  readonly problems: readonly string[];
}

/** Waivers lie in `waivers/<stack>/`, one in a file. */
export function waiversFor(root: string, stack: string, folder = waiverFolder, signers = signersFile): Waivers {
  const known = signersIn(root, signers);
  const read = filesIn(root, folder, stack, "*.json").map((one) => readWaiver(one, known, stack, Date.now() / 1000));
  return {
    counting: read.flatMap(({ waiver }) => waiver ?? []),
    problems: read.flatMap(({ problems }) => problems ?? []),
  };
}

/** Those that speak of this artifact; what can't be read proves nothing, and the policy packs say so. */
export const about = (artifact: string, files: readonly EvidenceFile[]): EvidenceFile[] =>
  files.filter(({ file, text }) => {
    try {
      return parseEvidence(text, file).statement.artifact === artifact;
    } catch (error) {
      if (error instanceof EvidenceError) return false;
      throw error;
    }
  });
