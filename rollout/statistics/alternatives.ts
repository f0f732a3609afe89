/**
 * The effects that the tests bet on: relative excesses from 5 % to 145-fold over the limit, closest together where they
 * are small. A mixture over a fixed list needs no special functions and is exactly as valid as an integral; the list is
 * dense enough that an effect between two entries costs about 4 % of the evidence.
 */
export const excesses: readonly number[] = Array.from({ length: 24 }, (_, index) => 0.05 * 2 ** (index / 2));

/** ln of the mean of e^x, without overflow. */
export function logMeanExp(logs: readonly number[]): number {
  return logSumExp(logs) - Math.log(logs.length);
}

export function logSumExp(logs: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of logs) if (value > largest) largest = value;
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  for (const value of logs) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

/**
 * How much of the bet goes on "it began here". A regression that sets in after a week must not be hidden by a good week
 * before it, so evidence is collected from every hour of the phase on, and more finely within the hour. The shares add
 * up to one over all starts there can ever be, which is what keeps the mixture honest.
 */
export function startShare(start: number, phaseStart: number): number {
  const hour = Math.max(0, Math.floor(start / 3600) - Math.floor(phaseStart / 3600));
  const first = start <= phaseStart || start % 3600 === 0;
  const ofHour = 1 / ((hour + 1) * (hour + 2));
  if (first) return ofHour / 2;
  return start % 600 === 0 ? ofHour / 10 : 0;
}
