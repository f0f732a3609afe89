import { count, decide, figure, type Judgement, passAlphaOf, type Rules, tooLittle } from "./judgement.ts";
import { shareInterval } from "./proportion.ts";
import { type Series, since, totalOf } from "./windows.ts";

/** One bound of a histogram: `n` requests, `k` of them at or below the bound. */
export interface Bucket {
  /** In the metric's unit; Infinity for the last one, which may be left out. */
  bound: number;
  series: Series;
}

export interface Range {
  low: number;
  high: number;
}

/**
 * Where a quantile lies: right at all times together with probability 1 − α. Between two bounds requests are taken to be
 * spread evenly, as `histogram_quantile` does; only the two bounds next to the quantile can mislead, hence half of α each,
 * however many bounds there are.
 */
export function quantileInterval(
  buckets: readonly Bucket[],
  quantile: number,
  alpha: number,
  phaseStart: number,
): Range {
  const ordered = [...buckets].filter(({ bound }) => Number.isFinite(bound)).sort((a, b) => a.bound - b.bound);
  const shares = ordered.map(({ bound, series }) => ({ bound, ...shareInterval(series, alpha / 2, phaseStart) }));
  const reached = (end: "low" | "high", beyond: number): number => {
    let [from, below] = [0, 0];
    for (const share of shares) {
      if (share[end] >= quantile) return from + (share.bound - from) * ((quantile - below) / (share[end] - below));
      [from, below] = [share.bound, share[end]];
    }
    return beyond;
  };
  return { low: reached("high", ordered.at(-1)?.bound ?? 0), high: reached("low", Number.POSITIVE_INFINITY) };
}

const trialsOf = (buckets: readonly Bucket[], phaseStart: number): number =>
  Math.max(0, ...buckets.map(({ series }) => totalOf(since(series, phaseStart)).n));

export interface QuantileRatio {
  quantile: number;
  ratio: number;
}

/** Whether canary's quantile stays within `ratio` times that of stable: "p99 at most 1.5 times the baseline". */
export function judgeQuantileRatio(
  canary: readonly Bucket[],
  stable: readonly Bucket[],
  { quantile, ratio }: QuantileRatio,
  rules: Rules,
): Judgement {
  const { phaseStart } = rules;
  const trials = [canary, stable].map((buckets) => trialsOf(buckets, phaseStart)) as [number, number];
  const short = tooLittle(rules, Math.min(...trials));
  if (short) return short;
  // One end of each track's interval decides: half of the error for each track, twice that for an interval with two ends.
  const of = (buckets: readonly Bucket[], alpha: number): Range =>
    quantileInterval(buckets, quantile, alpha, phaseStart);
  const alarm = { ours: of(canary, rules.alpha), theirs: of(stable, rules.alpha) };
  const passAlpha = passAlphaOf(rules);
  const pass = { ours: of(canary, passAlpha), theirs: of(stable, passAlpha) };
  const low = pass.ours.low / pass.theirs.high;
  const high = pass.theirs.low > 0 ? pass.ours.high / pass.theirs.low : Number.POSITIVE_INFINITY;
  const broken = alarm.ours.low > ratio * alarm.theirs.high;
  const seen =
    `p${figure(quantile * 100)} of canary ${figure(pass.ours.low)} to ${figure(pass.ours.high)}, of stable ` +
    `${figure(pass.theirs.low)} to ${figure(pass.theirs.high)} (${count(trials[0])} and ${count(trials[1])} requests) ` +
    `against a ratio of ${figure(ratio)}`;
  return decide(rules, { broken, kept: high <= ratio }, seen, { low, high });
}

/** Whether a quantile keeps a limit that is no bound of the histogram; where it is one, `judgeLimit` is exact. */
export function judgeQuantileLimit(
  buckets: readonly Bucket[],
  { quantile, limit }: { quantile: number; limit: number },
  rules: Rules,
): Judgement {
  const trials = trialsOf(buckets, rules.phaseStart);
  const short = tooLittle(rules, trials);
  if (short) return short;
  const alarm = quantileInterval(buckets, quantile, 2 * rules.alpha, rules.phaseStart);
  const pass = quantileInterval(buckets, quantile, 2 * passAlphaOf(rules), rules.phaseStart);
  const seen = `p${figure(quantile * 100)} ${figure(pass.low)} to ${figure(pass.high)} (${count(trials)} requests) against ${figure(limit)}`;
  return decide(rules, { broken: alarm.low > limit, kept: pass.high < limit }, seen, pass);
}
