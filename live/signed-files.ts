import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseEvidence } from "../rollout/evidence/evidence-file.ts";
import { parseLogFile } from "../rollout/evidence/log-file.ts";
import { EvidenceError } from "../rollout/evidence/refusal.ts";
import type { EvidenceFile } from "../rollout/evidence/required.ts";
import { restoreItem } from "../rollout/verdict/restored.ts";

/** Who may sign as what in a project, as text; undefined where the file isn't there yet. */
export function signersText(root: string): string | undefined {
  const file = join(root, "evidence/allowed_signers");
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Signed statements of a project about a system in a stack. */
export function signedFiles(root: string, stack: string, system: string): EvidenceFile[] {
  return globSync(join(root, "evidence", stack, system, "*.json"))
    .sort()
    .map((file) => ({ file: relative(root, file), text: readFileSync(file, "utf8") }));
}

/** Logs of lost clusters that signed files vouch for, beside those files. */
export function restoredLogs(
  root: string,
  stack: string,
  system: string,
  files: readonly EvidenceFile[],
): EvidenceFile[] {
  const heads = new Set(
    files.flatMap(({ file, text }) => {
      const { items, logHead } = parseEvidence(text, file).statement;
      return items.includes(restoreItem) && logHead ? [logHead] : [];
    }),
  );
  if (heads.size === 0) return [];
  return globSync(join(root, "evidence", stack, system, "attempt-*", "log.json"))
    .map((file) => ({ file: relative(root, file), text: readFileSync(file, "utf8") }))
    .filter(({ file, text }) => heads.has(parseLogFile(text, file).log.at(-1)!.hash));
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
