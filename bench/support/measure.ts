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
  const sorted = seconds.sort((a, b) => a - b);
  const round = (value: number): number => Math.round(value * 100) / 100;
  const at = (share: number): number => round(sorted[Math.floor(share * (runs - 1))]!);
  return { runs, min: at(0), median: at(0.5), max: at(1) };
}

export const show = (label: string, { runs, min, median, max }: Spread): string =>
  `${label.padEnd(44)}${median.toFixed(2)} s  (${min.toFixed(2)} to ${max.toFixed(2)}, ${runs} runs)`;
