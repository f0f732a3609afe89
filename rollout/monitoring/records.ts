import { type Duration, toSeconds } from "../plan/duration.ts";
import { type MetricName, metrics } from "../plan/metrics.ts";
import type { Condition } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";
import type { Measure } from "./measure.ts";
import { measureOf } from "./measures/measures.ts";
import { of, sumOf } from "./promql.ts";
import type { RecordingRule } from "./rule.ts";

/** Which series a condition is held against: one metric over one window. */
export interface Reading {
  readonly metric: MetricName;
  readonly window: Duration;
}

/** Events stay visible this long, so that a page isn't taken back by the next scrape. */
const eventWindow: Duration = "10m";

/**
 * A condition that says no window is about now. What has to hold for minutes is read over five, what pages at once over
 * one: four scrapes. A range of five minutes would know of a full stop only after a minute and a half.
 */
export function readingOf(condition: Condition & { for?: Duration }): Reading {
  const { metric, window } = condition;
  return { metric, window: window ?? windowNow(condition) };
}

function windowNow({ metric, for: lasting }: Condition & { for?: Duration }): Duration {
  const { statistic } = metrics[metric];
  if (statistic === "level") return "1m";
  if (statistic === "count") return eventWindow;
  if (statistic === "trend") return "1h";
  return lasting !== undefined && toSeconds(lasting) < 120 ? "1m" : "5m";
}

const snake = (metric: MetricName): string => metric.replaceAll("-", "_");

/** `system_track:error_ratio:1m`; with a part, `system_track:error_ratio_trials:1m`. */
export const recordName = ({ metric, window }: Reading, part?: "trials" | "failures"): string =>
  `system_track:${snake(metric)}${part ? `_${part}` : ""}:${window}`;

export const recorded = (reading: Reading, system: SystemName, where = "", part?: "trials" | "failures"): string =>
  of(recordName(reading, part), system, where);

/** The series of a reading, each after those it is made of. */
export function recordingRules(reading: Reading, system: SystemName): RecordingRule[] {
  const measure = measureOf(reading.metric, system);
  const { window } = reading;
  switch (measure.kind) {
    case "proportion":
      return [
        ...measure.views.flatMap(({ seenBy, trials, failures }) => [
          { record: recordName(reading, "trials"), expr: trials(window), labels: { seen_by: seenBy } },
          { record: recordName(reading, "failures"), expr: failures(window), labels: { seen_by: seenBy } },
        ]),
        { record: recordName(reading), expr: share(reading, system) },
      ];
    case "quantile":
      return [
        {
          record: recordName(reading, "trials"),
          expr: sumOf(`increase(${suffixed(measure.histogram, "_count")}[${window}])`),
        },
        { record: recordName(reading), expr: quantileOf(measure, window) },
      ];
    case "value":
      return [{ record: recordName(reading), expr: measure.read(window) }];
    case "level":
      return [{ record: recordName(reading), expr: levelOver(measure.read, window) }];
  }
}

/** What is said to be now is read as it is. */
const levelOver = (read: string, window: Duration): string =>
  toSeconds(window) <= toSeconds(eventWindow) ? read : `avg_over_time((${read})[${window}:1m])`;

/** Good of all, or failed of all, whichever the metric is about. */
function share(reading: Reading, system: SystemName): string {
  const ratio = `${recorded(reading, system, "", "failures")} / (${recorded(reading, system, "", "trials")} > 0)`;
  return metrics[reading.metric].worse === "higher" ? ratio : `1 - ${ratio}`;
}

const suffixed = (series: string, suffix: string) => series.replace("{", `${suffix}{`);

/** In milliseconds, like every time that a plan names. */
const quantileOf = ({ quantile, histogram }: Extract<Measure, { kind: "quantile" }>, window: string) =>
  `1000 * histogram_quantile(${quantile}, ${sumOf(`rate(${suffixed(histogram, "_bucket")}[${window}])`, ["system", "track", "le"])})`;
