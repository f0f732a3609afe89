import { measureOf } from "../monitoring/measures/measures.ts";
import type { MetricName } from "../plan/metrics.ts";
import type { SystemName } from "../plan/systems.ts";
import { usualAlpha } from "../statistics/alpha.ts";
import { quantileOf } from "../statistics/condition.ts";
import { type Bucket, quantileInterval, type Range } from "../statistics/quantile.ts";
import { totalOf } from "../statistics/windows.ts";
import { inMilliseconds } from "./answers.ts";
import type { SeriesByName, Watched } from "./model.ts";
import { partsOf, recordedScope, seriesName, type TrackName, within } from "./series.ts";

/** The histogram of a track, as far as it was counted. */
export const bucketsOf = (metric: MetricName, track: TrackName, counted: SeriesByName): Bucket[] =>
  partsOf(metric, counted).flatMap((le) => {
    const series = counted[seriesName(metric, track, le)];
    return series ? [{ bound: inMilliseconds(le), series }] : [];
  });

/** Undefined where nothing was recorded, or too little to bound it. */
export function quantileOnRecord(metric: MetricName, counted: SeriesByName, end: keyof Range): number | undefined {
  const buckets = bucketsOf(metric, "stable", counted);
  if (buckets.length === 0) return undefined;
  const found = quantileInterval(buckets, quantileOf(metric), usualAlpha, Number.NEGATIVE_INFINITY)[end];
  return Number.isFinite(found) && found > 0 ? found : undefined;
}

/** What stable was like when it last had traffic beside the canary: what rules compare with once it has none. */
export function baselinesOnRecord({ spec, status }: Pick<Watched, "spec" | "status">): Map<MetricName, number> {
  const counted = within(recordedScope(spec), status.windows);
  const metrics = new Set(Object.keys(counted).map((name) => name.split(":")[0] as MetricName));
  const found = [...metrics].flatMap((metric): [MetricName, number][] => {
    const value = valueOnRecord(metric, spec.system as SystemName, counted);
    return value === undefined ? [] : [[metric, value]];
  });
  return new Map(found);
}

/** The proxy's view where it has one; it sees what pods that hang don't count. */
function valueOnRecord(metric: MetricName, system: SystemName, counted: SeriesByName): number | undefined {
  const { kind } = measureOf(metric, system);
  // The end that ends fewer attempts.
  if (kind === "quantile") return quantileOnRecord(metric, counted, "high");
  const parts = partsOf(metric, counted);
  const part = parts.includes("proxy") ? "proxy" : parts[0];
  const { n, k } = totalOf(counted[seriesName(metric, "stable", part)] ?? []);
  return n > 0 ? k / n : undefined;
}
