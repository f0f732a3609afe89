import { wilcoxonRankSum } from "simple-statistics";

const confidence = 2.326348; // of 98 %
const tolerance = 0.25;

/**
 * Whether Kayenta's judge calls the canary High: the lower end of the 98 % interval of the shift between the tracks lies
 * above a quarter of its own estimate, and nothing else is asked of it. `canary` and `stable` hold one point a minute.
 */
export function isHigh(canary: readonly number[], stable: readonly number[]): boolean {
  const all = new Set([...canary, ...stable]);
  if (canary.length === 0 || stable.length === 0 || all.size === 1) return false;
  const shift = medianShift(canary, stable);
  const border = tolerance * Math.abs(shift);
  return (
    standardized(
      canary.map((value) => value - border),
      stable,
    ) > confidence
  );
}

/** The median of all differences, which is what the interval closes in on. */
function medianShift(canary: readonly number[], stable: readonly number[]): number {
  const shifts = new Float64Array(canary.length * stable.length);
  let at = 0;
  for (const x of canary) for (const y of stable) shifts[at++] = x - y;
  shifts.sort();
  const middle = shifts.length >> 1;
  return shifts.length % 2 ? shifts[middle]! : (shifts[middle - 1]! + shifts[middle]!) / 2;
}

function standardized(x: readonly number[], y: readonly number[]): number {
  const [n, m] = [x.length, y.length];
  const difference = wilcoxonRankSum([...x], [...y]) - (n * (n + 1)) / 2 - (n * m) / 2;
  const counts = new Map<number, number>();
  for (const value of [...x, ...y]) counts.set(value, (counts.get(value) ?? 0) + 1);
  let ties = 0;
  for (const count of counts.values()) ties += count ** 3 - count;
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)));
  return variance > 0 ? (difference - Math.sign(difference) / 2) / Math.sqrt(variance) : 0;
}
