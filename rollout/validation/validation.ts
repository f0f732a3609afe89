import { measureOf } from "../monitoring/measures/measures.ts";
import { of, type Window } from "../monitoring/promql.ts";
import { recordingRules } from "../monitoring/records.ts";
import { toSeconds } from "../plan/duration.ts";
import { metrics } from "../plan/metrics.ts";
import type { Criterion, Operator, Plan, Validation } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";
import { isSettled, type LiveRollout } from "../transitions/model.ts";

/** By its name, or by when it is due: `day-1`, `72h`. */
export const validationAt = ({ validations }: Plan, at: string): Validation | undefined =>
  validations.find(({ id, after }) => id === at || after === at);

type Dated = LiveRollout & { readonly status: { readonly phaseStartedAt?: string | undefined } };

/** In seconds since 1970. */
export interface LookBack {
  /** Since when everybody has had the artifact. */
  readonly since: number;
  readonly due: number;
}

/** Undefined while not everybody has the artifact. */
export function lookBackOf({ spec, status }: Dated, { after }: Validation, timeScale: number): LookBack | undefined {
  const percent = spec.phases.find(({ name }) => name === spec.phase)?.percent;
  if ((percent !== 100 && !isSettled(spec)) || status.phaseStartedAt === undefined) return undefined;
  const since = Date.parse(status.phaseStartedAt) / 1000;
  return { since, due: since + toSeconds(after) / timeScale };
}

/** How a figure is asked for: each query gives a value for a system, or one for each of its tracks. */
export interface Question {
  readonly criterion: Criterion;
  /** All of them have to hold: each counts the same requests in its own place. */
  readonly queries: readonly string[];
  /** What it is held against, where that is no limit of its own. */
  readonly baseline: string | undefined;
}

const shortest = 60;

/** A criterion without a window is about the whole time, such as that since everybody has the artifact. */
export function questionsOf(
  plan: Plan,
  { criteria, after }: Pick<Validation, "criteria" | "after">,
  timeScale: number,
): Question[] {
  return criteria.map((criterion) => {
    const seconds = Math.max(shortest, Math.round(toSeconds(criterion.window ?? after) / timeScale));
    const { metric, against } = criterion;
    return {
      criterion,
      queries: queriesFor(criterion, plan.system, `${seconds}s`),
      baseline: against && of("system:baseline", plan.system, `metric="${metric}",of="${against.of}"`),
    };
  });
}

function queriesFor({ metric }: Criterion, system: SystemName, window: Window): string[] {
  const measure = measureOf(metric, system);
  if (measure.kind !== "proportion") return [recordingRules({ metric, window }, system).at(-1)!.expr];
  return measure.views.map(({ trials, failures }) => {
    const share = `(${failures(window)}) / ((${trials(window)}) > 0)`;
    return metrics[metric].worse === "higher" ? share : `1 - ${share}`;
  });
}

export interface Answered {
  readonly criterion: Criterion;
  /** No data is no proof: then it doesn't hold either. */
  readonly holds: boolean;
  readonly said: string;
}

const holdsFor: Readonly<Record<Operator, (value: number, limit: number) => boolean>> = {
  "<": (value, limit) => value < limit,
  "<=": (value, limit) => value <= limit,
  "==": (value, limit) => value === limit,
  ">=": (value, limit) => value >= limit,
  ">": (value, limit) => value > limit,
};

/** What the queries of one question have answered, each by itself; the worst value decides. */
export function judgeAnswer(
  { criterion, baseline }: Question,
  answers: readonly (readonly number[])[],
  baselines: readonly number[],
): Answered {
  const { op, value: limit, against } = criterion;
  const before = baselines[0];
  const missing = answers.some((values) => !values.some(Number.isFinite));
  if (missing || (baseline !== undefined && before === undefined)) {
    return { criterion, holds: false, said: missing ? "no data" : "nothing on record to compare with" };
  }
  const values = answers.flat().filter(Number.isFinite);
  const compared = values.map((value) =>
    against?.as === "ratio" ? value / before! : against ? value - before! : value,
  );
  const broken = compared.find((value) => !holdsFor[op](value, limit));
  const shown = broken ?? compared[0]!;
  return { criterion, holds: broken === undefined, said: String(Number(shown.toPrecision(4))) };
}
