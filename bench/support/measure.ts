/** Seconds that a job took, several times over. */
export interface Spread {
  readonly runs: number;
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export async function measure(runs: number, job: () => Promise<unknown>): Promise<Spread> {
  const seconds: number[] = [];
  for (let run = 0; run < runs; run++) {
    const started = performance.now();
    await job();
    seconds.push((performance.now() - started) / 1000);
  }
  const [min, median, max] = [0, 0.5, 1].map((share) => quantile(seconds, share)) as [number, number, number];
  return { runs, min, median, max };
}

/** The smallest that so large a share doesn't exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return round(sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!);
}

/** Seconds of times in ms; undefined where they were never over. Of two in the middle the slower one counts. */
export interface Times {
  readonly median: number | undefined;
  readonly slowest: number | undefined;
}

export function timesOf(all: readonly (number | undefined)[]): Times {
  const sorted = all.map((ms) => ms ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const seconds = (ms?: number) => (ms !== undefined && Number.isFinite(ms) ? round(ms / 1000) : undefined);
  return { median: seconds(sorted[Math.floor(sorted.length / 2)]), slowest: seconds(sorted.at(-1)) };
}

export const round = (value: number): number => Math.round(value * 100) / 100;

export const show = (label: string, { runs, min, median, max }: Spread): string =>
  `${label.padEnd(44)}${median.toFixed(2)} s  (${min.toFixed(2)} to ${max.toFixed(2)}, ${runs} runs)`;
