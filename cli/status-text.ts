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
    report.soakLeftSeconds === undefined ? "-" : timeText(report.soakLeftSeconds),
  ];
}

/** What differs, what comes next, and why not yet: one line each. */
export function statusLines({ system, differences, next }: SystemReport): string[] {
  const found = differences.map((one) => `${system}: ${one}`);
  if (!next) return found;
  const head = next.reasons.length === 0 ? `${next.tried}: may be taken` : `${next.tried}: not yet`;
  return [...found, head, ...next.reasons.map(({ because, mend, who }) => `  - ${because}; ${mend} (${who})`)];
}

/** In the two largest units: `1 d 3 h`, `40 s`. */
export function timeText(seconds: number): string {
  const units: [string, number][] = [
    ["d", 86_400],
    ["h", 3600],
    ["min", 60],
    ["s", 1],
  ];
  const parts: string[] = [];
  let left = Math.ceil(seconds);
  for (const [unit, size] of units) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}
