import { excesses } from "./alternatives.ts";
import { dispersion } from "./dispersion.ts";
import { type EvidenceOptions, logEvidence, type Model, wholeEvidence } from "./evidence-process.ts";
import {
  count,
  decide,
  enoughEvents,
  figure,
  type Judgement,
  passAlphaOf,
  percent,
  type Rules,
  tooLittle,
} from "./judgement.ts";
import { evidenceBeyond, shareInterval } from "./proportion.ts";
import { type PairWindow, pair, type Series, since, totalOf } from "./windows.ts";

type Side = "above" | "below";

/**
 * Of the events that both tracks had in a window, how many were the canary's? If the canary is `ratio` times as bad as
 * stable, each is the canary's with probability ratio·w / (ratio·w + 1 − w), w being its share of the traffic. How many
 * events there are, and how that changes over the day, drops out.
 */
const canaryShare = (ratio: number, { canary, stable }: PairWindow): number =>
  (ratio * canary.n) / (ratio * canary.n + stable.n);

/** The window's part of Mantel and Haenszel's ratio, which weighs windows by what they can tell. */
const tally = ({ canary, stable }: PairWindow): [number, number] => {
  const all = canary.n + stable.n;
  return [(canary.k * stable.n) / all, (stable.k * canary.n) / all];
};

/** Half an event is added on both sides, since either may have had none. */
const ratioOf = (ours: number, theirs: number): number => (ours + 0.5) / (theirs + 0.5);

function fittedRatio(windows: readonly PairWindow[]): number {
  let [ours, theirs] = [0, 0];
  for (const window of windows) {
    const [one, two] = tally(window);
    ours += one;
    theirs += two;
  }
  return ratioOf(ours, theirs);
}

export function betOnRatio(ratio: number, side: Side): Model<PairWindow> {
  const bets = excesses.map((excess) => (side === "above" ? ratio * (1 + excess) : ratio / (1 + excess)));
  return {
    logRatios: (window) => {
      const { canary, stable } = window;
      const events = canary.k + stable.k;
      if (events === 0) return bets.map(() => 0);
      const atLimit = Math.log(ratio * canary.n + stable.n);
      return bets.map(
        (bet) => canary.k * Math.log(bet / ratio) - events * (Math.log(bet * canary.n + stable.n) - atLimit),
      );
    },
    tally,
    isBeyond: (ours, theirs) => (side === "above" ? ratioOf(ours, theirs) > ratio : ratioOf(ours, theirs) < ratio),
    scatter: (windows) => {
      const fitted = fittedRatio(windows);
      return windows.map((window) => {
        const share = canaryShare(fitted, window);
        const events = window.canary.k + window.stable.k;
        return { residual: window.canary.k - share * events, variance: share * (1 - share) * events };
      });
    },
  };
}

/** ln of the evidence that canary's rate is more (or less) than `ratio` times that of stable. */
export function evidenceOfRatio(
  windows: readonly PairWindow[],
  ratio: number,
  side: Side,
  options: EvidenceOptions,
): number {
  if (!(ratio > 0 && Number.isFinite(ratio))) throw new RangeError(`the ratio ${ratio} is not a positive number`);
  const inPhase = windows.filter(({ through }) => through > options.phaseStart);
  return logEvidence(inPhase, betOnRatio(ratio, side), options);
}

/** Where the ratio of the two rates lies, right at all times together with probability 1 − α. */
export function ratioInterval(
  windows: readonly PairWindow[],
  alpha: number,
  phaseStart: number,
): { low: number; high: number } {
  const needed = Math.log(2 / alpha);
  const inPhase = windows.filter(({ through }) => through > phaseStart);
  const fitted = fittedRatio(inPhase);
  const factor = dispersionOf(inPhase);
  const search = (side: Side, limit: number): number => {
    const excluded = (log: number): boolean =>
      wholeEvidence(inPhase, betOnRatio(Math.exp(log), side), factor) >= needed;
    if (!excluded(Math.log(limit))) return limit < 1 ? 0 : Number.POSITIVE_INFINITY;
    let [far, near] = [Math.log(limit), Math.log(fitted)];
    for (let round = 0; round < 18; round += 1) {
      const middle = (far + near) / 2;
      if (excluded(middle)) far = middle;
      else near = middle;
    }
    return Math.exp(far);
  };
  return { low: search("above", fitted / 1e6), high: search("below", fitted * 1e6) };
}

/** How much the two tracks scatter against each other: figures of one phase are a lower bound for the next. */
export const dispersionOf = (windows: readonly PairWindow[]): number =>
  dispersion(betOnRatio(1, "above").scatter(windows));

/** Whether canary's rate stays within `ratio` times that of stable, both counted in the same windows. */
export function judgeRatio(canary: Series, stable: Series, ratio: number, rules: Rules): Judgement {
  const { phaseStart } = rules;
  const windows = pair(since(canary, phaseStart), since(stable, phaseStart));
  const ours = totalOf(windows.map((window) => ({ ...window.canary, through: window.through })));
  const theirs = totalOf(windows.map((window) => ({ ...window.stable, through: window.through })));
  const short = tooLittle(rules, ours.n);
  if (short) return short;
  const options = { phaseStart, dispersion: rules.dispersion ?? 1 };
  const broken =
    enoughEvents(rules, ours.k) &&
    evidenceOfRatio(windows, ratio, "above", { ...options, anyStart: true }) >= -Math.log(rules.alpha);
  const kept =
    evidenceOfRatio(windows, ratio, "below", { ...options, anyStart: false }) >= -Math.log(passAlphaOf(rules));
  const interval = ratioInterval(windows, 0.05, phaseStart);
  const estimate = fittedRatio(windows);
  const seen =
    `canary ${percent(ours.k / ours.n)} (${count(ours.k)} of ${count(ours.n)}), ` +
    `stable ${percent(theirs.k / theirs.n)} (${count(theirs.k)} of ${count(theirs.n)}); ` +
    `ratio ${figure(estimate)} (surely ${figure(interval.low)} to ${figure(interval.high)}) against ${figure(ratio)}`;
  return decide(rules, { broken, kept }, seen, { estimate, ...interval });
}

/** Whether canary's rate exceeds that of stable by no more than `difference` ("5 percentage points"). */
export function judgeDifference(
  canary: Series,
  stable: Series,
  difference: number,
  rules: Rules,
  /** Whether stable is measured now; what is on record was measured before this phase. */
  inPhase = true,
): Judgement {
  const { phaseStart, alpha } = rules;
  const stableStart = inPhase ? phaseStart : Number.NEGATIVE_INFINITY;
  const ours = totalOf(since(canary, phaseStart));
  const theirs = totalOf(since(stable, stableStart));
  const short = tooLittle(rules, Math.min(ours.n, theirs.n));
  if (short) return short;
  // Each arm gets half of the error, and its interval has two ends of which one matters: hence alpha itself.
  const alarm = { ours: shareInterval(canary, alpha, phaseStart), theirs: shareInterval(stable, alpha, stableStart) };
  const passAlpha = passAlphaOf(rules);
  const pass = {
    ours: shareInterval(canary, passAlpha, phaseStart),
    theirs: shareInterval(stable, passAlpha, stableStart),
  };
  const broken = enoughEvents(rules, ours.k) && alarm.ours.low - alarm.theirs.high > difference;
  const low = pass.ours.low - pass.theirs.high;
  const high = pass.ours.high - pass.theirs.low;
  const estimate = ours.k / ours.n - theirs.k / theirs.n;
  const seen =
    `canary ${percent(ours.k / ours.n)}, stable ${percent(theirs.k / theirs.n)}; ` +
    `difference ${percent(estimate)} (surely ${percent(low)} to ${percent(high)}) against ${percent(difference)}`;
  return decide(rules, { broken, kept: high < difference }, seen, { estimate, low, high });
}

/**
 * Whether the rate stays within `ratio` times what stable had when it was last measured: at 100 %, where no stable traffic
 * is left to compare with. What the recorded windows leave open counts for the canary when failing it and against it when
 * passing it.
 */
export function judgeRecorded(canary: Series, recorded: Series, ratio: number, rules: Rules): Judgement {
  const { phaseStart, alpha } = rules;
  const ours = totalOf(since(canary, phaseStart));
  const short = tooLittle(rules, Math.min(ours.n, totalOf(recorded).n));
  if (short) return short;
  const passAlpha = passAlphaOf(rules);
  const highest = ratio * shareInterval(recorded, alpha, Number.NEGATIVE_INFINITY).high;
  const lowest = ratio * shareInterval(recorded, passAlpha, Number.NEGATIVE_INFINITY).low;
  const options = { phaseStart, dispersion: rules.dispersion ?? 1 };
  const broken =
    enoughEvents(rules, ours.k) &&
    highest < 1 &&
    evidenceBeyond(canary, highest, "above", { ...options, anyStart: true }) >= -Math.log(alpha / 2);
  const kept =
    lowest >= 1 ||
    (lowest > 0 &&
      evidenceBeyond(canary, lowest, "below", { ...options, anyStart: false }) >= -Math.log(passAlpha / 2));
  const interval = shareInterval(canary, 0.05, phaseStart);
  const estimate = ours.k / ours.n;
  const seen =
    `${percent(estimate)} (${count(ours.k)} of ${count(ours.n)}; surely ${percent(interval.low)} to ${percent(interval.high)}) ` +
    `against ${figure(ratio)} times the recorded ${percent(lowest / ratio)} to ${percent(highest / ratio)}`;
  return decide(rules, { broken, kept }, seen, { estimate, ...interval });
}
