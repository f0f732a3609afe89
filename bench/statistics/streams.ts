import type { Random } from "./random.ts";

/** What both tracks counted in one step of five seconds. */
export interface Step {
  canary: Sample;
  stable: Sample;
}
export interface Sample {
  requests: number;
  errors: number;
  /** Slower than the bound that 99 % of the requests keep. */
  slow: number;
}

export const stepSeconds = 5;

export interface Setting {
  requestsPerSecond: number;
  canaryShare: number;
  errorShare: number;
  slowShare: number;
}

export const usual: Setting = { requestsPerSecond: 40, canaryShare: 0.05, errorShare: 0.001, slowShare: 0.01 };

export interface Kind {
  name: string;
  says: string;
  setting: Setting;
  /** Factor on traffic and on the rate of bad requests, common to both tracks, at a second of the day. */
  day?: (second: number) => { traffic: number; badness: number };
  /** Bad requests come in bursts of this many on average, all on one track. */
  burst?: number;
  /** Each track's own slow noise on the rate of bad requests: spread, and how many seconds it remembers. */
  noise?: { spread: number; memory: number };
}

export const kinds: readonly Kind[] = [
  { name: "steady", says: "independent requests, 40 a second", setting: usual },
  { name: "bursty", says: "bad requests in bursts of 4 on average, each burst on one track", setting: usual, burst: 4 },
  {
    name: "diurnal",
    says: "traffic up and down by 80 % over the day, badness with it by 50 %",
    setting: usual,
    day: (second) => {
      const wave = Math.sin((2 * Math.PI * second) / 86_400);
      return { traffic: 1 + 0.8 * wave, badness: 1 + 0.5 * wave };
    },
  },
  {
    name: "sparse",
    says: "one request in two seconds",
    setting: { ...usual, requestsPerSecond: 0.5, errorShare: 0.01 },
  },
  {
    name: "correlated",
    says: "each track's badness wanders by itself, by 25 %, with a memory of 10 minutes",
    setting: usual,
    noise: { spread: 0.25, memory: 600 },
  },
];

export interface Regression {
  /** Seconds into the phase. */
  from: number;
  errors: number;
  slow: number;
}

/** One run of a phase: steps of five seconds, both tracks equal unless a regression is put in. */
export function* stream(kind: Kind, seconds: number, random: Random, regression?: Regression): Generator<Step> {
  const { setting, day, burst = 1, noise } = kind;
  const phaseOfDay = random.uniform() * 86_400;
  const wander = [0, 1].map(() => (noise ? wanderer(noise, random) : () => 1));
  for (let at = 0; at < seconds; at += stepSeconds) {
    const { traffic, badness } = day?.(at + phaseOfDay) ?? { traffic: 1, badness: 1 };
    const requests = setting.requestsPerSecond * stepSeconds * traffic;
    const worse = regression && at >= regression.from ? regression : { errors: 1, slow: 1 };
    const sample = (share: number, own: number, factor: { errors: number; slow: number }): Sample => {
      const total = random.poisson(requests * share);
      const bad = (rate: number): number =>
        Math.min(total, bursts(random, (total * rate * badness * own) / burst, burst));
      return {
        requests: total,
        errors: bad(setting.errorShare * factor.errors),
        slow: bad(setting.slowShare * factor.slow),
      };
    };
    const [ours, theirs] = wander.map((next) => next()) as [number, number];
    yield {
      canary: sample(setting.canaryShare, ours, worse),
      stable: sample(1 - setting.canaryShare, theirs, { errors: 1, slow: 1 }),
    };
  }
}

/** Geometric sizes, so that some bursts are several times the usual one. */
function bursts(random: Random, mean: number, size: number): number {
  let count = random.poisson(mean);
  if (size <= 1) return count;
  for (let left = count; left > 0; left -= 1) count += Math.floor(Math.log(random.uniform()) / Math.log(1 - 1 / size));
  return count;
}

/** A factor with mean one that forgets where it was within `memory` seconds. */
function wanderer({ spread, memory }: { spread: number; memory: number }, random: Random): () => number {
  const keep = Math.exp(-stepSeconds / memory);
  let state = random.normal();
  return () => {
    state = keep * state + Math.sqrt(1 - keep * keep) * random.normal();
    return Math.exp(spread * state - (spread * spread) / 2);
  };
}
