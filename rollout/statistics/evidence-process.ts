import { logMeanExp, logSumExp, startShare } from "./alternatives.ts";
import { dispersion, type Scatter } from "./dispersion.ts";

/** What a test bets on, window by window. */
export interface Model<W> {
  /** For each alternative, ln of how much better it explains the window than the limit does. */
  logRatios(window: W): number[];
  /** Two sums that tell whether windows, taken together, lie beyond the limit at all. */
  tally(window: W): readonly [number, number];
  isBeyond(first: number, second: number): boolean;
  /** How the windows scatter around the rate that fits them best. */
  scatter(windows: readonly W[]): Scatter[];
}

/** No minute may add more than this to the evidence, so that one burst, however large, convicts nobody. */
export const mostPerMinute = 4;

export interface EvidenceOptions {
  /** Seconds since 1970 at which the phase began. */
  phaseStart: number;
  /** Also look for something that began in the middle of the phase. */
  anyStart: boolean;
  /** How much the windows are known to scatter at least, from earlier phases; 1 when nothing is known. */
  dispersion?: number;
}

/**
 * ln of the evidence against "the limit is kept": an e-process, so by Ville's inequality it reaches ln(1/α) with
 * probability α at most, ever, however often somebody looks. 0 means none. What is left out below (starts that show
 * nothing, starts that were coarsened away, what one minute adds beyond its share) only makes it smaller, so the
 * inequality stays.
 */
export function logEvidence<W extends { start: number; through: number }>(
  windows: readonly W[],
  model: Model<W>,
  { phaseStart, anyStart, dispersion: known = 1 }: EvidenceOptions,
): number {
  const parts: number[] = [];
  const sums: number[] = [];
  let added = windows.length;
  let [first, second] = [0, 0];
  for (let from = windows.length - 1; from >= 0; from -= 1) {
    const [one, two] = model.tally(windows[from]!);
    first += one;
    second += two;
    const share = anyStart ? shareOf(windows, from, phaseStart) : from === 0 ? 1 : 0;
    if (share === 0 || !model.isBeyond(first, second)) continue;
    for (; added > from; added -= 1) addTo(sums, windows[added - 1]!, model);
    // Learned from before and from since, each around its own rate: the change itself must not count as scatter.
    const before = from === 0 ? 1 : dispersion(model.scatter(windows.slice(0, from)));
    const factor = Math.max(known, before, dispersion(model.scatter(windows.slice(from))));
    parts.push(Math.log(share) + logMeanExp(sums.map((sum) => sum / factor)));
  }
  return Math.max(0, logSumExp(parts));
}

/** The same from the first window on, for a dispersion that is known: what intervals are searched with. */
export function wholeEvidence<W extends { start: number; through: number }>(
  windows: readonly W[],
  model: Model<W>,
  factor: number,
): number {
  let [first, second] = [0, 0];
  const sums: number[] = [];
  for (const window of windows) {
    const [one, two] = model.tally(window);
    first += one;
    second += two;
  }
  if (!model.isBeyond(first, second)) return 0;
  for (const window of windows) addTo(sums, window, model);
  return Math.max(0, logMeanExp(sums.map((sum) => sum / factor)));
}

function addTo<W extends { start: number; through: number }>(sums: number[], window: W, model: Model<W>): void {
  const most = (mostPerMinute * (window.through - window.start)) / 60;
  const values = model.logRatios(window);
  for (let index = 0; index < values.length; index += 1) {
    sums[index] = (sums[index] ?? 0) + Math.min(values[index]!, most);
  }
}

const shareOf = (windows: readonly { start: number }[], from: number, phaseStart: number): number =>
  startShare(from === 0 ? Math.min(phaseStart, windows[0]!.start) : windows[from]!.start, phaseStart);
