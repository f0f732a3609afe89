/**
 * What was counted on one track in one stretch of time: `n` trials, of which `k` were events (errors, slow requests,
 * canary's share of the requests), or `n` readings with the sum `k`. `through` is the end of the stretch in seconds since
 * 1970 and a multiple of its length, so that everybody cuts time at the same places.
 */
export interface Window {
  through: number;
  n: number;
  k: number;
  /** Length in seconds; a minute when left out. */
  span?: number;
}

/** Ordered by time, no two of them overlapping. */
export type Series = readonly Window[];

export interface Counts {
  n: number;
  k: number;
}

const minute = 60;
const hour = 3600;
const day = 86_400;

export const spanOf = (window: Window): number => window.span ?? minute;
export const startOf = (window: Window): number => window.through - spanOf(window);

/** The windows' own order when two say something different of the same stretch: who has seen more is right. */
const more = (a: Window, b: Window): Window => (a.n !== b.n ? (a.n > b.n ? a : b) : a.k >= b.k ? a : b);

/**
 * Joins what two replicas (or one before and after a restart) have counted. The order, the grouping and the repetition
 * of joins don't matter: the same stretch counts once, and a long window replaces the short ones inside it.
 */
export function merge(...all: readonly Series[]): Window[] {
  const byKey = new Map<string, Window>();
  for (const window of all.flat()) {
    const key = `${spanOf(window)}:${window.through}`;
    const known = byKey.get(key);
    byKey.set(key, known ? more(known, window) : window);
  }
  const longestFirst = [...byKey.values()].sort((a, b) => spanOf(b) - spanOf(a));
  const kept: Window[] = [];
  const covered = new Set<string>();
  const spans = [...new Set(longestFirst.map(spanOf))];
  for (const window of longestFirst) {
    const inside = spans.some(
      (span) => span > spanOf(window) && covered.has(`${span}:${Math.ceil(window.through / span) * span}`),
    );
    if (inside) continue;
    kept.push(window);
    covered.add(`${spanOf(window)}:${window.through}`);
  }
  return kept.sort((a, b) => a.through - b.through);
}

/** Minutes become hours once their hour is an hour old, hours become days likewise; a count of an old minute that comes in even later is dropped. */
export const coarsening: readonly { span: number; after: number }[] = [
  { span: hour, after: hour },
  { span: day, after: day },
];

/**
 * Keeps a series small however long a phase lasts: at most 120 minutes, 48 hours and one window for each day. Counts are
 * sums, so nothing that the tests need gets lost, except when exactly inside the hour something happened.
 */
export function compact(series: Series, now: number, steps = coarsening): Window[] {
  return steps.reduce<Window[]>((windows, { span, after }) => {
    const kept: Window[] = [];
    const coarse = new Map<number, Window>();
    for (const window of windows) {
      const through = Math.ceil(window.through / span) * span;
      if (spanOf(window) >= span || through + after > now) {
        kept.push(window);
        continue;
      }
      const known = coarse.get(through) ?? { through, n: 0, k: 0, span };
      coarse.set(through, { ...known, n: known.n + window.n, k: known.k + window.k });
    }
    return merge(kept, [...coarse.values()]);
  }, merge(series));
}

export const since = (series: Series, start: number): Window[] => series.filter(({ through }) => through > start);

export function totalOf(series: Series): Counts {
  let [n, k] = [0, 0];
  for (const window of series) {
    n += window.n;
    k += window.k;
  }
  return { n, k };
}

/** The same trials, counting the other outcome: successes for failures. */
export const complement = (series: Series): Window[] => series.map((window) => ({ ...window, k: window.n - window.k }));

/** Rates that a monitoring system extrapolates can give a few more events than trials, or slightly fewer than none. */
export const asCounts = <W extends Counts>(window: W): W =>
  window.k >= 0 && window.k <= window.n ? window : { ...window, k: Math.min(Math.max(window.k, 0), window.n) };

export interface PairWindow {
  start: number;
  through: number;
  canary: Counts;
  stable: Counts;
}

/** Both tracks side by side, only where both have traffic: what one track did alone can't be compared. */
export function pair(canary: Series, stable: Series): PairWindow[] {
  const others = new Map(stable.map((window) => [`${spanOf(window)}:${window.through}`, window]));
  return canary.flatMap((window) => {
    const other = others.get(`${spanOf(window)}:${window.through}`);
    if (!other || window.n <= 0 || other.n <= 0) return [];
    return [{ start: startOf(window), through: window.through, canary: asCounts(window), stable: asCounts(other) }];
  });
}

/** A window is possible or it isn't: half a request or more errors than requests means a broken query. */
export function windowProblem(window: Window): string | undefined {
  const { through, n, k } = window;
  const span = spanOf(window);
  if (!(span > 0) || !Number.isInteger(span)) return `its span is ${span}; it has to be a whole number of seconds`;
  if (!Number.isFinite(through) || through % span !== 0)
    return `through is ${through}; it has to be a multiple of ${span}`;
  if (!(n >= 0) || !Number.isFinite(n) || !Number.isFinite(k))
    return `n is ${n} and k is ${k}; counts are finite, n not negative`;
  return undefined;
}
