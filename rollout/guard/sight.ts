import { phaseByName, phasesOf } from "../plan/ladder.ts";
import { type MetricName, metrics } from "../plan/metrics.ts";
import type { Plan } from "../plan/model.ts";
import { detectability } from "../statistics/detectability.ts";
import { type Reason, when } from "../transitions/reason.ts";
import { isOpenRise, type Judged, planPlace } from "./judge.ts";

export interface Sightless {
  /** Where the plan demands that a phase sees its own thresholds. */
  reasons: Reason[];
  /** Where it only wants to be told. */
  notes: string[];
}

const nothing: Sightless = { reasons: [], notes: [] };

/** Triggers that the phase to be entered would most likely not see in its time. */
export function sightless(judged: Judged, plan: Plan | undefined): Sightless {
  if (!isOpenRise(judged) || !plan) return nothing;
  const { args } = judged;
  const { environment, ladder } = planPlace(args);
  const phase = phaseByName(phasesOf(plan, environment, ladder), args.wish.phase ?? "");
  if (!phase || phase.percent === 0) return nothing;
  const isDemanded = plan.detectability === "refuse";
  const { expectedRps } = args.facts;
  if (expectedRps === undefined) {
    const because = `nobody can say what ${phase.name} will be able to see, since nobody has said how much traffic there is`;
    return isDemanded
      ? { reasons: when(true, "detectability", because, "write `expectedRps` into the config"), notes: [] }
      : nothing;
  }
  const blind = detectability({ phase, requestsPerSecond: expectedRps, usualRates: usualRates(plan) })
    .filter(({ sees }) => sees === false)
    .map(({ sentence }) => sentence);
  if (blind.length === 0) return nothing;
  return isDemanded
    ? {
        reasons: blind.flatMap((because) =>
          when(true, "detectability", because, "extend the phase with `extendDays`, or wait for more traffic"),
        ),
        notes: [],
      }
    : { reasons: [], notes: blind };
}

/** How often the bad case was seen before, as far as the plan has it on record. */
function usualRates({ baselines }: Plan): Partial<Record<MetricName, number>> {
  const rates: Partial<Record<MetricName, number>> = {};
  for (const { metric, value } of baselines) {
    if (metrics[metric].statistic !== "proportion" || rates[metric] !== undefined) continue;
    rates[metric] = metrics[metric].worse === "lower" ? Number((1 - value).toPrecision(6)) : value;
  }
  return rates;
}
