import type { ReadinessClass } from "../readiness/model.ts";
import { classOf, type ItemVerdict } from "./verdict.ts";

const words: Readonly<Record<ReadinessClass, string>> = { D: "to be mended", P: "to be proven", A: "to be attested" };

/** One paragraph for all items of a phase: how many hold, and what is missing by class and by who can supply it. */
export function readinessReport(title: string, verdicts: readonly ItemVerdict[]): string {
  const open = verdicts.filter(({ isMet }) => !isMet);
  const head = `${title}: ${verdicts.length - open.length} of ${verdicts.length} items hold`;
  const groups = Map.groupBy(
    open,
    (verdict) => `${words[classOf(verdict)]} by ${verdict.role ?? "whoever changes plan or program"}`,
  );
  const lines = [...groups].map(([group, list]) => `  ${group}: ${list.map(({ item }) => item.id).join(", ")}`);
  const problems = [...new Set(open.flatMap((verdict) => verdict.problems))];
  const more = problems.length > shown ? [`  and ${problems.length - shown} more`] : [];
  return [head, ...lines, ...problems.slice(0, shown).map((problem) => `  ${problem}`), ...more].join("\n");
}

/** A wall of lines is read by nobody; \`rampart readiness\` and \`rampart verify\` have the rest. */
const shown = 8;
