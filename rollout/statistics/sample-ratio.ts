import { decide, type Judgement, percent, type Rules, tooLittle } from "./judgement.ts";
import { evidenceBeyond, shareInterval } from "./proportion.ts";
import { type Series, since, totalOf } from "./windows.ts";

export interface Expected {
  /** The share that the weight asks for, 0 to 1. */
  share: number;
  /** How far off is still no defect, absolute: connections and whole users can't be split as finely as requests. */
  tolerance: number;
  /** What is counted: users where they stick to a track, since their requests then come in heaps. */
  unit: "requests" | "users";
}

/**
 * Whether the canary gets the share that its weight says: `n` is everything, `k` what the canary got. For users, a window
 * counts those first seen in it. Failed means that the share is provably off by more than the tolerance.
 */
export function judgeSampleRatio(series: Series, { share, tolerance, unit }: Expected, rules: Rules): Judgement {
  const { phaseStart } = rules;
  const counted = totalOf(since(series, phaseStart));
  const short = tooLittle(rules, counted.n);
  if (short) return short;
  const [lowest, highest] = [share - tolerance, share + tolerance];
  const beyond = (limit: number, side: "above" | "below", alpha: number): boolean =>
    limit > 0 && limit < 1 && evidenceBeyond(series, limit, side, { phaseStart, anyStart: true }) >= -Math.log(alpha);
  const broken = beyond(highest, "above", rules.alpha / 2) || beyond(lowest, "below", rules.alpha / 2);
  const interval = shareInterval(series, 0.05, phaseStart);
  const kept = interval.low >= lowest && interval.high <= highest;
  const estimate = counted.k / counted.n;
  const seen =
    `${percent(estimate)} of the ${unit} (surely ${percent(interval.low)} to ${percent(interval.high)}) ` +
    `against ${percent(share)} ± ${percent(tolerance)}`;
  return decide(rules, { broken, kept }, seen, { estimate, ...interval });
}
