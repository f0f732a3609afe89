import { globSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseEvidence } from "../rollout/evidence/evidence-file.ts";
import { parseLogFile } from "../rollout/evidence/log-file.ts";
import type { EvidenceFile } from "../rollout/evidence/required.ts";
import { restoreItem } from "../rollout/verdict/restored.ts";

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
