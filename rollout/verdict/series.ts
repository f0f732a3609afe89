import type { MetricName } from "../plan/metrics.ts";
import { compact, merge, type Series, startOf, type Window } from "../statistics/windows.ts";
import type { RolloutSpec } from "../transitions/model.ts";
import type { SeriesByName } from "./model.ts";

/** Length of what is counted at a time, in seconds. */
export const minute = 60;

/** A step that has just been made isn't judged: connections move, caches are cold. */
export const warmUp = 30;

/** How many series a status has room for. */
const mostSeries = 64;

/** Where a series belongs; one of another attempt or phase is of no use, and its name says so. */
export type Scope = `${number}/${string}`;
export const scopeOf = ({ attempt, phase }: Pick<RolloutSpec, "attempt" | "phase">): Scope => `${attempt}/${phase}`;
export const recordedScope = ({ attempt }: Pick<RolloutSpec, "attempt">): Scope => `${attempt}/recorded`;

/** The series of one scope, by the rest of their name. */
export function within(scope: Scope, series: SeriesByName = {}): Record<string, Series> {
  const prefix = `${scope}/`;
  return Object.fromEntries(
    Object.entries(series).flatMap(([name, windows]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), windows]] : [],
    ),
  );
}

export const placed = (scope: Scope, series: SeriesByName): SeriesByName =>
  Object.fromEntries(Object.entries(series).map(([name, windows]) => [`${scope}/${name}`, windows]));

/** `n` seconds were watched, of which `k` count. */
export const soakSeries = "soak";

export type TrackName = "canary" | "stable" | "system";

/** Of a metric; `part` tells views of the same requests, and bounds of a histogram, apart. */
export const seriesName = (metric: MetricName, track: TrackName, part = ""): string =>
  part ? `${metric}:${track}:${part}` : `${metric}:${track}`;

/** What the proxy has counted of one segment. */
export const segmentPart = (segment: string): string => `proxy@${segment}`;

/** Parts of a metric that were counted on any track; those of single segments are left out. */
export function partsOf(metric: MetricName, series: SeriesByName): string[] {
  const names = Object.keys(series).map((name) => name.split(":"));
  const isWhole = (part: string | undefined): part is string => part !== undefined && !part.includes("@");
  return [...new Set(names.flatMap(([of, , part]) => (of === metric && isWhole(part) ? [part] : [])))];
}

/** Adds what is new, as far as it lies after the warm-up, and joins what is old. */
export function grown(known: SeriesByName, added: SeriesByName, startedAt: number, now: number): SeriesByName {
  const fresh = (windows: readonly Window[]) => windows.filter((one) => startOf(one) >= startedAt + warmUp);
  const names = [...new Set([...Object.keys(known), ...Object.keys(added)])].slice(0, mostSeries);
  return Object.fromEntries(
    names.map((name) => [name, compact(merge(known[name] ?? [], fresh([...(added[name] ?? [])])), now)]),
  );
}

/** Whole minutes that nobody has counted yet, as the first and the last second of them; undefined if there are none. */
export function uncounted(
  counted: Series,
  startedAt: number,
  now: number,
): { from: number; through: number } | undefined {
  const begin = Math.ceil((startedAt + warmUp) / minute) * minute;
  const from = Math.max(begin, counted.at(-1)?.through ?? 0);
  const through = Math.floor((now - settling) / minute) * minute;
  // Prometheus answers for eleven thousand steps at most; what is further back is caught up with at the next look.
  return through > from ? { from, through: Math.min(through, from + mostMinutes * minute) } : undefined;
}

/** Seconds until a minute's last scrape is in. */
const settling = 20;
const mostMinutes = 1440;
