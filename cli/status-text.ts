import { inWords } from "../rollout/plan/duration.ts";
import type { SystemReport } from "./status-report.ts";

export const statusHead = ["system", "artifact", "percent", "effective", "phase", "verdict", "soak left"];

export function statusRow(report: SystemReport): string[] {
  const percent = (value: number | undefined): string => (value === undefined ? "-" : `${Number(value.toFixed(2))} %`);
  return [
    report.system,
    report.artifact,
    percent(report.percent),
    percent(report.effective),
    report.phase ?? "not deployed",
    `${report.verdict ?? "-"}${report.isStale ? " (stale)" : ""}`,
    report.soakLeftSeconds === undefined ? "-" : inWords(report.soakLeftSeconds),
  ];
}

/** What differs, what comes next, and why not yet: one line each. */
export function statusLines({ system, differences, next }: SystemReport): string[] {
  const found = differences.map((one) => `${system}: ${one}`);
  if (!next) return found;
  const head = next.reasons.length === 0 ? `${next.tried}: may be taken` : `${next.tried}: not yet`;
  return [...found, head, ...next.reasons.map(({ because, mend, who }) => `  - ${because}; ${mend} (${who})`)];
}
