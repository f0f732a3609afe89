import { measureOf } from "../monitoring/measures/measures.ts";
import { metrics } from "../plan/metrics.ts";
import type { Condition } from "../plan/model.ts";
import { quantileOf } from "../statistics/condition.ts";
import { merge, type Window } from "../statistics/windows.ts";
import { conditionsOf, followed, gaugeName } from "./conditions.ts";
import type { SeriesByName } from "./model.ts";
import { baselineQuestion, type Part, questionName, requestsQuestion, type Subject, upQuestion } from "./questions.ts";
import { minute, segmentPart, seriesName, soakSeries, type TrackName } from "./series.ts";
import { type Expected, soakWindow } from "./soak.ts";

/** One value that Prometheus gave. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970. */
  readonly at: number;
  readonly value: number;
}

/** By the name of the question, and then by system; a question that failed is missing. */
export type Answers = ReadonlyMap<string, ReadonlyMap<string, readonly Sample[]>>;
export const bySystem = (samples: readonly Sample[]): ReadonlyMap<string, readonly Sample[]> =>
  Map.groupBy(samples, ({ labels }) => labels.system ?? "");

const about = (system: string, name: string, answers: Answers): readonly Sample[] =>
  answers.get(name)?.get(system) ?? [];

const trackOf = ({ labels: { track } }: Sample): TrackName =>
  track === "canary" || track === "stable" ? track : "system";

/** The minutes of one system, of which each becomes a window of every series. */
export function countedSeries(
  subject: Subject,
  answers: Answers,
  { from, through }: { from: number; through: number },
  expected: Expected,
  known: SeriesByName,
): SeriesByName {
  const own = (name: string): Sample[] =>
    about(subject.system, name, answers).filter(
      ({ at, value }) => at > from && at <= through && Number.isFinite(value),
    );
  const series = new Map<string, Window[]>();
  const add = (name: string, window: Window) => series.set(name, merge(series.get(name) ?? [], [window]));
  for (const condition of conditionsOf(subject.phase, subject.system)) {
    for (const [name, window] of countsOf(condition, subject, own, known)) add(name, window);
  }
  for (const window of soakOf(own(upQuestion), own(requestsQuestion), { from, through }, expected)) {
    add(soakSeries, window);
  }
  return Object.fromEntries(series);
}

type Ask = (name: string) => Sample[];

function countsOf(condition: Condition, { system }: Subject, own: Ask, known: SeriesByName): [string, Window][] {
  const { metric } = condition;
  const of = (part: Part, seenBy?: string) => own(questionName(metric, part, seenBy));
  switch (followed(condition, system)) {
    case "proportion": {
      const measure = measureOf(metric, system);
      const views = measure.kind === "proportion" ? measure.views : [];
      // What is measured counts failures; a metric about good ones is told the rest.
      const isGood = metrics[metric].worse === "lower";
      const windowOf = ([trials, failed]: [Sample, number]): Window => {
        const k = Math.min(Math.max(failed, 0), trials.value);
        return { through: trials.at, n: trials.value, k: isGood ? trials.value - k : k };
      };
      const whole = views.flatMap(({ seenBy }) =>
        paired(of("trials", seenBy), of("failures", seenBy)).map((pair): [string, Window] => [
          seriesName(metric, trackOf(pair[0]), seenBy),
          windowOf(pair),
        ]),
      );
      const apart = condition.bySegment ? paired(of("trials by segment"), of("failures by segment")) : [];
      return [
        ...whole,
        ...apart.map((pair): [string, Window] => [
          seriesName(metric, "canary", segmentPart(pair[0].labels.segment ?? "")),
          windowOf(pair),
        ]),
      ];
    }
    case "quantile":
      return bucketCounts(condition, of("buckets"), known);
    case "mean":
      return of("value").map((one) => [seriesName(metric, trackOf(one)), { through: one.at, n: 1, k: one.value }]);
    case "count":
      return of("value").map((one) => [seriesName(metric, trackOf(one)), { through: one.at, n: minute, k: one.value }]);
    case "gauge":
      return [];
  }
}

const sameSeries = (one: Sample, other: Sample): boolean =>
  one.at === other.at && trackOf(one) === trackOf(other) && one.labels.segment === other.labels.segment;

function paired(trials: readonly Sample[], failures: readonly Sample[]): [Sample, number][] {
  return trials.map((one) => [one, failures.find((other) => sameSeries(one, other))?.value ?? 0]);
}

function bucketCounts(condition: Condition, samples: readonly Sample[], known: SeriesByName): [string, Window][] {
  const chosen = new Set(chosenBounds(condition, samples, known));
  return samples.flatMap((bucket): [string, Window][] => {
    const le = bucket.labels.le ?? "";
    if (!chosen.has(le)) return [];
    const all = samples.find((one) => one.labels.le === "+Inf" && sameSeries(one, bucket));
    if (!all) return [];
    const window = { through: bucket.at, n: all.value, k: Math.min(bucket.value, all.value) };
    return [[seriesName(condition.metric, trackOf(bucket), le), window]];
  });
}

/** How many bounds of a histogram are kept on either side of where they matter. */
const neighbours = 3;

/**
 * A status has no room for a whole histogram. A limit needs the bounds next to it, a comparison those around the
 * quantile; once chosen they stay, so that every minute is counted alike.
 */
function chosenBounds(
  { metric, value, against }: Condition,
  samples: readonly Sample[],
  known: SeriesByName,
): string[] {
  const before = Object.keys(known).flatMap((name) => {
    const [of, , part] = name.split(":");
    return of === metric && part !== undefined ? [part] : [];
  });
  if (before.length > 0) return before;
  const bounds = [...new Set(samples.map(({ labels }) => labels.le ?? ""))]
    .filter((le) => Number.isFinite(Number(le)))
    .sort((a, b) => Number(a) - Number(b));
  if (!against) {
    const exact = bounds.find((le) => inMilliseconds(le) === value);
    const above = bounds.findIndex((le) => inMilliseconds(le) > value);
    return exact ? [exact] : bounds.slice(Math.max(0, above - 1), above < 0 ? undefined : above + 1);
  }
  const total = sumAt(samples, "+Inf");
  const here = bounds.findIndex((le) => sumAt(samples, le) >= quantileOf(metric) * total);
  return here < 0 ? bounds.slice(-neighbours) : bounds.slice(Math.max(0, here - neighbours), here + neighbours + 1);
}

const sumAt = (samples: readonly Sample[], le: string): number =>
  samples.reduce((sum, { labels, value }) => (labels.le === le ? sum + value : sum), 0);

/** Histograms count seconds, plans say milliseconds. */
export const inMilliseconds = (le: string): number => Number((Number(le) * 1000).toPrecision(12));

function soakOf(
  up: readonly Sample[],
  requests: readonly Sample[],
  { from, through }: { from: number; through: number },
  expected: Expected,
): Window[] {
  const minutes = Array.from({ length: (through - from) / minute }, (_, index) => from + (index + 1) * minute);
  return minutes.map((at) => {
    const counted = (samples: readonly Sample[], track: TrackName) =>
      samples.find((one) => one.at === at && trackOf(one) === track)?.value;
    const isUp = (track: TrackName) => {
      const value = counted(up, track);
      return value === undefined ? {} : { [track]: value === 1 };
    };
    const facts = {
      through: at,
      up: { ...isUp("canary"), ...isUp("stable") },
      requests: requests.filter((one) => one.at === at).map(servedOf),
    };
    return soakWindow(facts, expected);
  });
}

const servedOf = (sample: Sample) => ({
  segment: sample.labels.segment ?? "",
  track: trackOf(sample),
  count: sample.value,
});

/** Gauges of one system as they are now: `memory 1m:canary`. */
export function readingsOf({ system, phase }: Subject, answers: Answers): Record<string, number> {
  const names = conditionsOf(phase, system)
    .filter((condition) => followed(condition, system) === "gauge")
    .map(gaugeName);
  return Object.fromEntries(
    [...new Set(names)].flatMap((name) =>
      about(system, name, answers)
        .filter(({ value }) => Number.isFinite(value))
        .map((sample) => [`${name}:${trackOf(sample)}`, sample.value]),
    ),
  );
}

/** Figures on record of one system: `latency-p99 recorded`. */
export function baselinesOf(system: string, answers: Answers): Record<string, number> {
  const samples = about(system, baselineQuestion, answers);
  return Object.fromEntries(samples.map(({ labels, value }) => [`${labels.metric} ${labels.of}`, value]));
}
