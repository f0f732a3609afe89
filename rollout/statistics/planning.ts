import { errorFunction, probit } from "simple-statistics";
import { logMeanExp, startShare } from "./alternatives.ts";
import { betOnRatio } from "./comparison.ts";
import { priorDispersion } from "./dispersion.ts";
import { mostPerMinute } from "./evidence-process.ts";
import { count, figure, percent } from "./judgement.ts";
import { betOnLimit } from "./proportion.ts";

export interface Traffic {
  requestsPerSecond: number;
  /** Share of the traffic that the canary gets, 0 to 1. */
  share: number;
  seconds: number;
}

export interface Question {
  traffic: Traffic;
  /** Share of bad requests on stable, and on a canary that ought to be stopped. */
  stableRate: number;
  canaryRate: number;
  /** What the trigger holds the canary against: so many times stable's rate, or a fixed share. */
  against: { ratio: number } | { limit: number };
  alpha: number;
  /** How much more the counts scatter than independent requests would; 1.1 when left out, as it's measured on steady traffic. */
  dispersion?: number;
}

export interface Answer {
  /** Probability that the trigger has fired by the end of the phase, at least. */
  power: number;
  canaryRequests: number;
  /** When the trigger fires in the middle case; undefined if not within the phase. */
  typicalSeconds: number | undefined;
  sentence: string;
}

const ownDispersion = 1.1;

/**
 * What a phase can see. The probability is that of being over the bound at the very end, so it's a lower one: a test
 * that was over it at any time before has fired too.
 */
export function detection(question: Question): Answer {
  const { traffic, stableRate, canaryRate } = question;
  const { requestsPerSecond, share, seconds } = traffic;
  const power = powerAfter(question, seconds);
  const canaryRequests = requestsPerSecond * share * seconds;
  const typicalSeconds = power < 0.5 ? undefined : firstTime(question, 0.5);
  const times =
    "ratio" in question.against
      ? `more than ${figure(question.against.ratio)} times stable's`
      : `over ${percent(question.against.limit)}`;
  const sentence =
    `at ${percent(share)} of ${figure(requestsPerSecond)} req/s for ${duration(seconds)} (${count(canaryRequests)} canary requests) ` +
    `this phase can see a share of bad requests of ${percent(canaryRate)} against ${percent(stableRate)} as ${times} ` +
    `with ${percent(Math.floor(power * 1000) / 1000)} power` +
    (typicalSeconds === undefined ? "" : `, typically after ${duration(typicalSeconds)}`);
  return { power, canaryRequests, typicalSeconds, sentence };
}

/** The smallest share of bad requests on the canary that the phase sees with this power; undefined if there's none. */
export function smallestVisible(question: Omit<Question, "canaryRate">, power = 0.95): number | undefined {
  const { against, stableRate } = question;
  const limit = "ratio" in against ? against.ratio * stableRate : against.limit;
  const visible = (canaryRate: number): boolean =>
    powerAfter({ ...question, canaryRate }, question.traffic.seconds) >= power;
  if (limit >= 1 || !visible(0.999)) return undefined;
  let [low, high] = [limit, 0.999];
  for (let round = 0; round < 30; round += 1) {
    const middle = Math.sqrt(low * high);
    if (visible(middle)) high = middle;
    else low = middle;
  }
  return high;
}

function firstTime(question: Question, power: number): number {
  let [low, high] = [0, question.traffic.seconds];
  for (let round = 0; round < 20; round += 1) {
    const middle = (low + high) / 2;
    if (powerAfter(question, middle) >= power) high = middle;
    else low = middle;
  }
  return high;
}

function powerAfter(
  { traffic, stableRate, canaryRate, against, alpha, dispersion = ownDispersion }: Question,
  seconds: number,
): number {
  const all = traffic.requestsPerSecond * seconds;
  const canary = all * traffic.share;
  const stable = all - canary;
  if (canary <= 0) return 0;
  // The bet on "from the very start" alone; the others only add to it.
  const needed = -Math.log(alpha) - Math.log(startShare(0, 0));
  const minutes = seconds / 60;
  const factor = Math.max(dispersion, priorDispersion(minutes));
  const evidence = (logRatios: number[]): number =>
    logMeanExp(logRatios.map((value) => Math.min(value, mostPerMinute * minutes) / factor));
  if ("limit" in against) {
    const model = betOnLimit(against.limit, "above");
    const enough = (k: number): boolean => evidence(model.logRatios({ start: 0, through: 0, n: canary, k })) >= needed;
    return atLeast(canary * canaryRate, dispersion, firstEnough(canary * against.limit, canary, enough));
  }
  if (stable <= 0) return 0;
  const model = betOnRatio(against.ratio, "above");
  const mean = stable * stableRate;
  let power = 0;
  for (const quantile of middles) {
    const theirs = Math.max(0, mean + quantile * Math.sqrt(mean * dispersion));
    const expected = (theirs * against.ratio * canary) / stable;
    const enough = (ours: number): boolean =>
      evidence(
        model.logRatios({ start: 0, through: 0, canary: { n: canary, k: ours }, stable: { n: stable, k: theirs } }),
      ) >= needed;
    power += atLeast(canary * canaryRate, dispersion, firstEnough(expected, canary, enough)) / middles.length;
  }
  return Math.min(power, 1);
}

/** Middles of twenty slices of equal probability of the normal distribution. */
const middles = Array.from({ length: 20 }, (_, index) => probit((index + 0.5) / 20));

const normalBelow = (z: number): number => (1 + errorFunction(z / Math.SQRT2)) / 2;

/** The smallest whole number of events that is enough evidence. */
function firstEnough(from: number, to: number, enough: (k: number) => boolean): number {
  let [low, high] = [Math.floor(from), Math.ceil(to)];
  if (!enough(high)) return Number.POSITIVE_INFINITY;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Probability of at least `least` events where `mean` are expected: Poisson's law, or the normal one for large means. */
function atLeast(mean: number, dispersion: number, least: number): number {
  if (least === Number.POSITIVE_INFINITY) return 0;
  if (mean > 50) return 1 - normalBelow((least - 0.5 - mean) / Math.sqrt(mean * dispersion));
  let [term, below] = [Math.exp(-mean), 0];
  for (let k = 0; k < least; k += 1) {
    below += term;
    term *= mean / (k + 1);
  }
  return Math.max(0, 1 - below);
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds <= 172_800) return `${figure(seconds / 3600)} h`;
  return `${figure(seconds / 86_400)} d`;
}
