/** False alarms allowed over a whole phase, all of its triggers together. */
export const usualAlpha = 0.05;

/**
 * Shares out the false alarms that a plan allows among its triggers. The probability that any of them cries wolf is at
 * most the sum of their own (the union bound), however they hang together. Triggers that need no statistics (zero
 * tolerance, hard limits) take no share: give them a weight of 0.
 */
export function splitAlpha(total: number, weights: Readonly<Record<string, number>>): Record<string, number> {
  if (!(total > 0 && total < 1)) throw new RangeError(`alpha is ${total}; it has to lie between 0 and 1`);
  const bad = Object.entries(weights).find(([, weight]) => !(weight >= 0 && Number.isFinite(weight)));
  if (bad) throw new RangeError(`the weight of ${bad[0]} is ${bad[1]}; it has to be a number, 0 or more`);
  const sum = Object.values(weights).reduce((all, weight) => all + weight, 0);
  return Object.fromEntries(
    Object.entries(weights).map(([name, weight]) => [name, sum > 0 ? total * (weight / sum) : 0]),
  );
}
