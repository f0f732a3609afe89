import { methods } from "./judges.ts";
import { randomFrom } from "./random.ts";
import { type Kind, type Regression, stepSeconds, stream } from "./streams.ts";

/** For each method, the second at which it would have rolled back; undefined if never. Every method sees the same stream. */
export function trial(kind: Kind, seconds: number, seed: number, regression?: Regression): (number | undefined)[] {
  const judges = methods.map((method) => method.judge(kind.setting));
  const alarms: (number | undefined)[] = methods.map(() => undefined);
  let at = 0;
  for (const step of stream(kind, seconds, randomFrom(seed), regression)) {
    at += stepSeconds;
    for (const [index, judge] of judges.entries()) {
      if (alarms[index] === undefined && judge.rollsBack(at, step)) alarms[index] = at;
    }
    if (alarms.every((alarm) => alarm !== undefined)) break;
  }
  return alarms;
}

export function middle(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

/** Upper end of a 95 % interval for a share of runs (Wilson): what the true share may still be. */
export function atMost(count: number, runs: number): number {
  const z = 1.959964;
  const share = count / runs;
  const spread = z * Math.sqrt((share * (1 - share)) / runs + (z * z) / (4 * runs * runs));
  return (share + (z * z) / (2 * runs) + spread) / (1 + (z * z) / runs);
}

export function printTable(rows: readonly Record<string, unknown>[]): void {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => String(row[column] ?? "-")))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]!.length)));
  for (const line of cells)
    console.log(
      line
        .map((cell, index) => cell.padEnd(widths[index]!))
        .join("  ")
        .trimEnd(),
    );
}
