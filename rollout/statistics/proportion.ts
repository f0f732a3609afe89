import { excesses } from "./alternatives.ts";
import { dispersion, type Scatter } from "./dispersion.ts";
import { type EvidenceOptions, logEvidence, type Model, wholeEvidence } from "./evidence-process.ts";
import {
  count,
  decide,
  enoughEvents,
  type Judgement,
  passAlphaOf,
  percent,
  type Rules,
  tooLittle,
} from "./judgement.ts";
import { asCounts, type Series, since, startOf, totalOf, type Window } from "./windows.ts";

type Side = "above" | "below";
type Placed = Window & { start: number };

const placed = (series: Series, phaseStart: number): Placed[] =>
  since(series, phaseStart).flatMap((window) =>
    window.n > 0 ? [{ ...asCounts(window), start: startOf(window) }] : [],
  );

/** Around the share that fits all of them. */
function scatter(windows: readonly Placed[]): Scatter[] {
  const { n, k } = totalOf(windows);
  const share = (k + 0.5) / (n + 1);
  return windows.map((window) => ({ residual: window.k - share * window.n, variance: share * (1 - share) * window.n }));
}

/** Bets that the share of events lies on one side of a limit, by odds, so that no bet leaves 0 to 1. */
export function betOnLimit(limit: number, side: Side): Model<Placed> {
  const odds = limit / (1 - limit);
  const perAlternative = excesses.map((excess) => {
    const bet = side === "above" ? odds * (1 + excess) : odds / (1 + excess);
    const share = bet / (1 + bet);
    return { event: Math.log(share / limit), other: Math.log((1 - share) / (1 - limit)) };
  });
  return {
    logRatios: ({ n, k }) => perAlternative.map(({ event, other }) => k * event + (n - k) * other),
    tally: ({ n, k }) => [n, k],
    isBeyond: (n, k) => (side === "above" ? k > limit * n : k < limit * n),
    scatter,
  };
}

/** ln of the evidence that the share of events lies above (or below) the limit. */
export function evidenceBeyond(series: Series, limit: number, side: Side, options: EvidenceOptions): number {
  if (!(limit > 0 && limit < 1)) {
    throw new RangeError(
      `the limit ${limit} is not between 0 and 1; with a limit of 0 the first event decides, without statistics`,
    );
  }
  return logEvidence(placed(series, options.phaseStart), betOnLimit(limit, side), options);
}

/** Where the share lies: a confidence sequence, right at all times together with probability 1 − α. */
export function shareInterval(series: Series, alpha: number, phaseStart: number): { low: number; high: number } {
  const windows = placed(series, phaseStart);
  const { n, k } = totalOf(windows);
  if (n === 0) return { low: 0, high: 1 };
  const needed = Math.log(2 / alpha);
  const factor = dispersion(scatter(windows));
  const excluded = (limit: number, side: Side): boolean =>
    wholeEvidence(windows, betOnLimit(limit, side), factor) >= needed;
  const estimate = Math.min(Math.max(k / n, tiny), 1 - tiny);
  return {
    low: k === 0 ? 0 : bisect(tiny, estimate, (limit) => excluded(limit, "above")),
    high: k === n ? 1 : bisect(1 - tiny, estimate, (limit) => excluded(limit, "below")),
  };
}

const tiny = 1e-9;

/** The last point on the way from `out` to `into` that is still excluded, halving in odds. */
function bisect(out: number, into: number, excluded: (limit: number) => boolean): number {
  const logit = (share: number): number => Math.log(share / (1 - share));
  if (!excluded(out)) return out < 0.5 ? 0 : 1;
  let [far, near] = [logit(out), logit(into)];
  for (let round = 0; round < 18; round += 1) {
    const middle = (far + near) / 2;
    if (excluded(1 / (1 + Math.exp(-middle)))) far = middle;
    else near = middle;
  }
  return 1 / (1 + Math.exp(-far));
}

/** Whether the share of events keeps a fixed limit: "error rate below 5 %", "at most 1 % slower than 500 ms". */
export function judgeLimit(series: Series, limit: number, rules: Rules): Judgement {
  const counted = totalOf(since(series, rules.phaseStart));
  const short = tooLittle(rules, counted.n);
  if (short) return short;
  const { phaseStart } = rules;
  const options = { phaseStart, dispersion: rules.dispersion ?? 1 };
  const broken =
    enoughEvents(rules, counted.k) &&
    evidenceBeyond(series, limit, "above", { ...options, anyStart: true }) >= -Math.log(rules.alpha);
  const kept = evidenceBeyond(series, limit, "below", { ...options, anyStart: false }) >= -Math.log(passAlphaOf(rules));
  const interval = shareInterval(series, 0.05, phaseStart);
  const estimate = counted.k / counted.n;
  const seen = `${percent(estimate)} (${count(counted.k)} of ${count(counted.n)}; surely ${percent(interval.low)} to ${percent(interval.high)}) against ${percent(limit)}`;
  return decide(rules, { broken, kept }, seen, { estimate, ...interval });
}
