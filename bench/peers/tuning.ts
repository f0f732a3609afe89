import { Sliding } from "../statistics/judges.ts";
import { randomFrom } from "../statistics/random.ts";
import { kinds, stepSeconds, stream, usual } from "../statistics/streams.ts";

/** How somebody decides who looks every so often whether too many of the requests since the last look failed. */
export interface Looks {
  /** In seconds. */
  readonly every: number;
  /** Seconds that each of them is about. */
  readonly over: number;
  /** How many of them, bad ones, end an attempt. */
  readonly failures: number;
}

/** How they count bad looks: one after the other, or all there have ever been. */
export type Counted = "in a row" | "ever";

/** The shapes of the streams, at the load that is offered here; without the one that is about little load. */
const shapes = kinds.filter(({ name }) => name !== "sparse");
const day = 86_400;
const runsOfEach = 10;
const allowed = 0.05;
/** Seconds between two looks; shorter ones than this the streams don't tell apart. */
const candidates = [5, 10, 20, 30, 60, 120, 300] as const;

/**
 * The quickest settings with which no more than one in twenty good releases is rolled back within a day: of all that
 * keep this, those that need the shortest time of nothing but bad looks.
 */
export function tuned(
  { rate, weight, limit }: { rate: number; weight: number; limit: number },
  counted: Counted,
  least: number,
): Looks {
  const intervals = candidates.filter((every) => every >= least);
  const most = intervals.map((): number[] => []);
  for (const kind of shapes) {
    for (let seed = 1; seed <= runsOfEach; seed += 1) {
      const setting = { ...usual, requestsPerSecond: rate, canaryShare: weight / 100 };
      const looks = intervals.map((every) => new Watch(every, limit, counted));
      let at = 0;
      for (const { canary } of stream({ ...kind, setting }, day, randomFrom(seed))) {
        at += stepSeconds;
        for (const one of looks) one.see(at, canary.requests, canary.errors);
      }
      for (const [index, one] of looks.entries()) most[index]!.push(one.most);
    }
  }
  const settings = intervals.map((every, index) => ({ every, over: every, failures: fewestKept(most[index]!) }));
  return settings.toSorted((a, b) => a.every * a.failures - b.every * b.failures)[0]!;
}

/** So many bad looks that at most the allowed share of the runs had them. */
export function fewestKept(most: readonly number[]): number {
  const sorted = most.toSorted((a, b) => b - a);
  return sorted[Math.floor(allowed * sorted.length)]! + 1;
}

class Watch {
  readonly #every: number;
  readonly #limit: number;
  readonly #counted: Counted;
  readonly #window: Sliding;
  #bad = 0;
  most = 0;

  constructor(every: number, limit: number, counted: Counted) {
    this.#every = every;
    this.#limit = limit;
    this.#counted = counted;
    this.#window = new Sliding(every);
  }

  see(at: number, requests: number, errors: number): void {
    this.#window.add(requests, errors);
    if (at % this.#every !== 0) return;
    const isBad = this.#window.share >= this.#limit;
    this.#bad = isBad ? this.#bad + 1 : this.#counted === "ever" ? this.#bad : 0;
    this.most = Math.max(this.most, this.#bad);
  }
}
