import { decide, figure, type Judgement, passAlphaOf, type Rules } from "./judgement.ts";
import { likeness, type MeanLimit, readingsOf, tooFewBlocks, usualBlock } from "./mean.ts";
import type { Series } from "./windows.ts";

/** What is known of a reading: it lies in here; what doesn't is clipped. */
export interface Bounds {
  lower: number;
  upper: number;
}

/** How such a series may be compacted: never into more than its blocks, each of which is one reading of the test. */
export const coarseningOf = (block = usualBlock) => [{ span: block, after: 3600 }];

/**
 * Where the mean lies, right at all times together with probability 1 − α: the empirical Bernstein confidence sequence
 * with predictable bets (Waudby-Smith and Ramdas 2023, theorem 2). Knows nothing of the readings but their bounds.
 */
export function boundedMeanInterval(means: readonly number[], { lower, upper }: Bounds, alpha: number) {
  const needed = Math.log(2 / alpha);
  let [bets, betSum, sum, fromBelow, fromAbove] = [0, 0, 0, 0, 0];
  // The variance so far starts as if one reading had been seen, half-way off a mean in the middle.
  let variance = 0.25;
  for (const [index, raw] of means.entries()) {
    const value = (raw - lower) / (upper - lower);
    const bet = Math.min(Math.sqrt((2 * needed) / (variance * Math.log(2 + index))), 0.5);
    const price = -Math.log(1 - bet) - bet;
    // Any guess made beforehand will do: the mean so far, at first the far end of the scale.
    fromBelow += (value - (index > 0 ? sum / index : 0)) ** 2 * price;
    fromAbove += (value - (index > 0 ? sum / index : 1)) ** 2 * price;
    sum += value;
    variance += (value - (0.5 + sum) / (index + 2)) ** 2;
    bets += bet;
    betSum += bet * value;
  }
  if (bets === 0) return { estimate: Number.NaN, low: lower, high: upper };
  const center = betSum / bets;
  const back = (value: number): number => lower + (upper - lower) * Math.min(Math.max(value, 0), 1);
  return {
    estimate: back(center),
    low: back(center - (needed + fromBelow) / bets),
    high: back(center + (needed + fromAbove) / bets),
  };
}

/** As `judgeMean`, for readings whose bounds are known and narrow: slower, but nothing is assumed of how they spread. */
export function judgeBoundedMean(series: Series, question: MeanLimit & Bounds, rules: Rules): Judgement {
  const { limit, worse } = question;
  const { lower, upper } = question;
  const means = readingsOf(series, rules.phaseStart, question.block).map(({ value }) =>
    Math.min(Math.max(value, lower), upper),
  );
  const short = tooFewBlocks(series, means.length, rules, question.block);
  if (short) return short;
  const widen = Math.sqrt(likeness(means));
  // Only one end of each interval decides: hence twice the alpha.
  const interval = (alpha: number) => {
    const { estimate, low, high } = boundedMeanInterval(means, question, Math.min(2 * alpha, 1));
    return { estimate, low: estimate - (estimate - low) * widen, high: estimate + (high - estimate) * widen };
  };
  const alarm = interval(rules.alpha);
  const pass = interval(passAlphaOf(rules));
  const broken = worse === "higher" ? alarm.low > limit : alarm.high < limit;
  const kept = worse === "higher" ? pass.high < limit : pass.low > limit;
  const seen = `mean ${figure(pass.estimate)} (surely ${figure(pass.low)} to ${figure(pass.high)}, ${means.length} blocks) against ${figure(limit)}`;
  return decide(rules, { broken, kept }, seen, pass);
}
