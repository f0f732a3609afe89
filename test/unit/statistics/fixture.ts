import type { Rules } from "../../../rollout/statistics/judgement.ts";
import type { Window } from "../../../rollout/statistics/windows.ts";

export const rules: Rules = { alpha: 0.05, phaseStart: 0, ended: false, minimum: { trials: 100, events: 3 } };

/** One window a minute with these counts, from the first minute on. */
export const minutes = (counts: readonly (readonly [n: number, k: number])[]): Window[] =>
  counts.map(([n, k], index) => ({ through: (index + 1) * 60, n, k }));

export const repeat = (count: number, n: number, k: number): Window[] =>
  minutes(Array.from({ length: count }, () => [n, k] as const));

/** A small seeded generator, so that a simulation gives the same result each time. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function poisson(mean: number, random: () => number): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 20) {
    const limit = Math.exp(-Math.min(left, 20));
    for (let product = random(); product > limit; product *= random()) count += 1;
  }
  return count;
}
