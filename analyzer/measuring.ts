import type { Series } from "../rollout/statistics/windows.ts";
import { merge } from "../rollout/statistics/windows.ts";
import {
  type Answers,
  baselinesOf,
  bySystem,
  countedSeries,
  readingsOf,
  type Sample,
} from "../rollout/verdict/answers.ts";
import type { SeriesByName } from "../rollout/verdict/model.ts";
import { gaugeQuestions, minuteQuestions, type Questions, type Subject } from "../rollout/verdict/questions.ts";
import type { Expected } from "../rollout/verdict/soak.ts";
import type { PrometheusPort } from "./ports.ts";

/** A phase that is to be measured, and which of its minutes nobody has counted yet. */
export interface Wanted extends Subject {
  readonly minutes: { readonly from: number; readonly through: number };
  readonly expected: Expected;
  readonly known: SeriesByName;
}

export interface Measured {
  readonly windows: SeriesByName;
  readonly readings: Readonly<Record<string, number>>;
  readonly baselines: Readonly<Record<string, number>>;
}

/**
 * Asks every replica the same few questions about all systems together. What one of them has counted is taken whole, so
 * that no figure is made of two halves; the same minute from both is taken from the one that saw more of it.
 */
export async function measure(
  prometheuses: readonly PrometheusPort[],
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string, Measured>> {
  const from = Math.min(...wanted.map(({ minutes }) => minutes.from));
  const through = Math.max(...wanted.map(({ minutes }) => minutes.through));
  const asked = await Promise.allSettled(
    prometheuses.map(async (one) => ({
      minutes: await answersTo(minuteQuestions(wanted), (query) => one.minutes(query, from, through)),
      gauges: await answersTo(gaugeQuestions(wanted), (query) => one.now(query)),
    })),
  );
  const answered = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  if (answered.length === 0) {
    const [failed] = asked.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
    throw new Error(failed?.message ?? "there is no Prometheus to ask");
  }
  return new Map(
    wanted.map((subject) => {
      const { system, minutes, expected, known } = subject;
      const counted = answered.map((one) => countedSeries(subject, one.minutes, minutes, expected, known));
      const readings = Object.assign({}, ...answered.map(({ gauges }) => readingsOf(subject, gauges)));
      const baselines = Object.assign({}, ...answered.map(({ gauges }) => baselinesOf(system, gauges)));
      return [system, { windows: joined(counted), readings, baselines }];
    }),
  );
}

async function answersTo(questions: Questions, ask: (query: string) => Promise<readonly Sample[]>): Promise<Answers> {
  const answers = [...questions].map(async ([name, query]) => [name, bySystem(await ask(query))] as const);
  return new Map(await Promise.all(answers));
}

function joined(all: readonly SeriesByName[]): SeriesByName {
  const names = [...new Set(all.flatMap(Object.keys))];
  return Object.fromEntries(
    names.map((name): [string, Series] => [name, merge(...all.map((series) => series[name] ?? []))]),
  );
}
