import { startShare } from "./alternatives.ts";
import { decide, figure, type Judgement, passAlphaOf, type Rules, tooLittle, undecided } from "./judgement.ts";
import { merge, type Series, since, spanOf, startOf } from "./windows.ts";

/** The mean of a block of readings; a longer block says more. */
export interface Reading {
  start: number;
  value: number;
  /** Minutes with readings in it. */
  weight: number;
}

export interface MeanLimit {
  limit: number;
  worse: "higher" | "lower";
  /**
   * Seconds. Readings close in time resemble each other, means over blocks much less: 10 minutes when left out, which is
   * right for gauges. A minute will do for ratios of both tracks taken at the same moment, and decides sooner.
   */
  block?: number;
}

export const usualBlock = 600;

/** Means of complete blocks, in order; a block that is less than half full is left out. */
export function readingsOf(series: Series, phaseStart: number, block = usualBlock): Reading[] {
  const ordered = merge(series).filter((window) => startOf(window) >= phaseStart && window.n > 0);
  const newest = ordered.at(-1)?.through ?? 0;
  const blocks = new Map<number, { n: number; k: number; span: number; covered: number }>();
  for (const window of ordered) {
    const span = Math.max(block, spanOf(window));
    const through = Math.ceil(window.through / span) * span;
    const { n, k, covered } = blocks.get(through) ?? { n: 0, k: 0, covered: 0 };
    blocks.set(through, { n: n + window.n, k: k + window.k, span, covered: covered + spanOf(window) });
  }
  return [...blocks].flatMap(([through, { n, k, span, covered }]) =>
    through <= newest && covered >= block / 2 ? [{ start: through - span, value: k / n, weight: covered / 60 }] : [],
  );
}

/** Undefined when there are enough to judge. Minutes that no block is made of yet are data, though they don't decide. */
export function tooFewBlocks(series: Series, blocks: number, rules: Rules, block = usualBlock): Judgement | undefined {
  if (blocks > 0) return tooLittle(rules, blocks);
  const minutes = since(series, rules.phaseStart).filter(({ n }) => n > 0).length;
  if (minutes === 0) return tooLittle(rules, 0);
  return undecided(rules, `no block of ${block / 60} min is complete yet (${minutes} min counted)`);
}

/** How far off the effects are that the test bets on, in standard deviations of one minute. */
const usualEffect = 1;

/**
 * Where the mean of readings lies, right at all times together with probability 1 − α, if they spread normally around it:
 * the anytime-valid t-test, which mixes over the size of the effect and needs to know neither it nor the spread (Wang and
 * Ramdas 2023, after Lai 1976). Undecided (unbounded) for the first few readings.
 */
export function meanInterval(
  readings: readonly Reading[],
  alpha: number,
): { estimate: number; low: number; high: number } {
  const count = readings.length;
  let [weights, sum] = [0, 0];
  for (const { value, weight } of readings) {
    weights += weight;
    sum += weight * value;
  }
  const estimate = sum / weights;
  let squares = 0;
  for (const { value, weight } of readings) squares += weight * (value - estimate) ** 2;
  const growth = 1 + weights * usualEffect ** 2;
  const needed = (Math.sqrt(growth) / alpha) ** (2 / count);
  if (count < 2 || needed >= growth) return { estimate, low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  // Where the evidence against a mean is exactly 1/α, solved for t².
  const freedom = count - 1;
  const t = Math.sqrt((freedom * growth * (needed - 1)) / (growth - needed));
  const margin = t * Math.sqrt((squares / freedom / weights) * likeness(readings.map(({ value }) => value)));
  return { estimate, low: estimate - margin, high: estimate + margin };
}

/** Neighbouring blocks do resemble each other; this is assumed until about so many of them say otherwise. */
const usualCorrelation = 0.6;
const usualReadings = 20;

/** Neighbouring readings that resemble each other count for less: as many as would be worth as much on their own. */
export function likeness(values: readonly number[]): number {
  const average = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [products, squares] = [0, 0];
  for (const [index, value] of values.entries()) {
    squares += (value - average) ** 2;
    if (index > 0) products += (value - average) * (values[index - 1]! - average);
  }
  const seen = squares > 0 ? products / squares : 0;
  // A short series shows less correlation than there is (Kendall 1954).
  const mended = Math.min(Math.max(seen + (1 + 3 * seen) / values.length, 0), 0.95);
  const correlation = (usualReadings * usualCorrelation + values.length * mended) / (usualReadings + values.length);
  return (1 + correlation) / (1 - correlation);
}

/**
 * Whether the mean of a series of readings keeps a limit. For a comparison the readings are those of canary over stable,
 * or the difference: taken at the same moment, so that the time of day drops out. Fails also on what began in the middle
 * of the phase, each start with its share of the error.
 */
export function judgeMean(series: Series, { limit, worse, block }: MeanLimit, rules: Rules): Judgement {
  const { phaseStart } = rules;
  const readings = readingsOf(series, phaseStart, block);
  const short = tooFewBlocks(series, readings.length, rules, block);
  if (short) return short;
  // Only one end of each interval decides: hence twice the alpha.
  const isBroken = (from: number): boolean => {
    const share = startShare(from === 0 ? Math.min(phaseStart, readings[0]!.start) : readings[from]!.start, phaseStart);
    if (share === 0) return false;
    const { low, high } = meanInterval(readings.slice(from), 2 * rules.alpha * share);
    return worse === "higher" ? low > limit : high < limit;
  };
  const broken = readings.some((_, from) => isBroken(from));
  const pass = meanInterval(readings, 2 * passAlphaOf(rules));
  const kept = worse === "higher" ? pass.high < limit : pass.low > limit;
  const seen = `mean ${figure(pass.estimate)} (surely ${figure(pass.low)} to ${figure(pass.high)}, ${readings.length} blocks) against ${figure(limit)}`;
  return decide(rules, { broken, kept }, seen, pass);
}
