import { type Series, spanOf, type Window } from "../statistics/windows.ts";

/** What is known of one minute in the life of a phase. */
export interface MinuteFacts {
  readonly through: number;
  /** Whether each track's pods answered all the time; undefined where nobody has looked. */
  readonly up: Readonly<Partial<Record<"canary" | "stable", boolean>>>;
  /** Requests that the proxy counted; empty where there is no proxy to ask. */
  readonly requests: readonly Served[];
}

export interface Served {
  /** Empty where everybody is one segment, and for requests of no segment. */
  readonly segment: string;
  readonly track: string;
  readonly count: number;
}

export interface Expected {
  /** Share of a segment that the canary is to have, 0 to 1; undefined where requests don't tell. */
  readonly shareOf: (segment: string) => number | undefined;
  readonly hasCanary: boolean;
  readonly hasStable: boolean;
}

/** Blind, unhealthy and provably mis-shared time is watched, but doesn't count. */
export function soakWindow(facts: MinuteFacts, expected: Expected, span = 60): Window {
  return { through: facts.through, n: span, k: counts(facts, expected) ? span : 0 };
}

function counts({ up, requests }: MinuteFacts, { shareOf, hasCanary, hasStable }: Expected): boolean {
  if (hasCanary && up.canary !== true) return false;
  if (hasStable && up.stable !== true) return false;
  const segments = [...new Set(requests.map(({ segment }) => segment))];
  return segments.every((segment) => {
    const own = requests.filter((one) => one.segment === segment);
    const sum = (some: readonly Served[]) => some.reduce((total, { count }) => total + count, 0);
    const share = shareOf(segment);
    return share === undefined || !isMisshared(sum(own.filter(({ track }) => track === "canary")), sum(own), share);
  });
}

/** Connections and whole users can't be split as finely as requests. */
const tolerance = 0.02;
/** How seldom chance may look like it: once in a hundred thousand minutes. */
const surely = Math.log(100_000);

/** Whether a share can't be what was asked for, by the requests of one minute; Bernstein's bound holds for few as for many. */
export function isMisshared(canary: number, all: number, share: number): boolean {
  if (all <= 0) return false;
  const variance = all * share * (1 - share);
  const spread = surely / 3 + Math.sqrt((surely / 3) ** 2 + 2 * variance * surely);
  return Math.abs(canary - all * share) > spread + tolerance * all;
}

export const soaked = (soak: Series = []): number => soak.reduce((sum, { k }) => sum + k, 0);
export const watchedFor = (soak: Series = []): number => soak.reduce((sum, one) => sum + spanOf(one), 0);
