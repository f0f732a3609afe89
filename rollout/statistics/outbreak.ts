import { logMeanExp, logSumExp } from "./alternatives.ts";
import type { Counts } from "./windows.ts";

/** Shares that are bet on, as parts of the way from the limit to everything. */
const alternatives = [0.02, 0.05, 0.2, 0.5, 0.95] as const;
/** Failures come in bursts, so what they say is halved, as it is for windows of which nothing is known yet. */
const dispersion = 2;

/** What speaks for a share being beyond its limit since a moment ago. */
export interface Outbreak {
  /** For each alternative, ln of the bets that were opened at every look until now, together. */
  readonly logs: readonly number[];
  /** Counted since there was last nothing to speak for it. */
  readonly counts: Counts;
}

export const noOutbreak: Outbreak = {
  logs: alternatives.map(() => Number.NEGATIVE_INFINITY),
  counts: { n: 0, k: 0 },
};

/**
 * One more look. A new bet is opened at each, so that a good week doesn't hide a bad second (Shiryaev and Roberts):
 * while the share is within its limit, all bets together are expected to be worth no more than there were looks.
 */
export function looked({ logs, counts }: Outbreak, { n, k }: Counts, limit: number): Outbreak {
  const next = logs.map((log, index) => {
    const share = limit + (1 - limit) * alternatives[index]!;
    const evidence = k * Math.log(share / limit) + (n - k) * Math.log((1 - share) / (1 - limit));
    return logSumExp([0, log]) + evidence / dispersion;
  });
  const total = { n: counts.n + n, k: counts.k + k };
  return { logs: next, counts: logMeanExp(next) > 0 ? total : { n: 0, k: 0 } };
}

/** In so many looks a share within its limit is called an outbreak with at most this probability. */
export const isOutbreak = ({ logs }: Outbreak, looks: number, alpha: number): boolean =>
  logMeanExp(logs) >= Math.log(looks / alpha);
