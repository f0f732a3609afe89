export type SeenBy = "app" | "proxy";

/** How a metric is read from raw series; every expression gives one sample for a system, or one for each track. */
export type Measure =
  | { kind: "proportion"; views: readonly View[] }
  | { kind: "quantile"; quantile: number; histogram: string }
  | { kind: "value"; read: (window: string) => string }
  /** A gauge: over a window it is its average, spikes are the business of alerts. */
  | { kind: "level"; read: string };

/** Both sides of the proxy may count the same requests; each is judged by itself. */
export interface View {
  readonly seenBy: SeenBy;
  readonly trials: (window: string) => string;
  readonly failures: (window: string) => string;
}

export const value = (read: (window: string) => string): Measure => ({ kind: "value", read });
export const level = (read: string): Measure => ({ kind: "level", read });
export const quantile = (q: number, histogram: string): Measure => ({ kind: "quantile", quantile: q, histogram });
