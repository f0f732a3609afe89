import { digestOf } from "../evidence/canonical.ts";
import { phasesOf } from "./ladder.ts";
import type { LadderName, Phase, Plan, PlanEnvironment, Source } from "./model.ts";

type Tagged = Source & object;

/** Where something comes from decides nothing: citing one more requirement must not void a pass. */
function withoutSource<T extends Tagged>({ requirements: _r, proposed: _p, decision: _d, ...rest }: T) {
  return rest;
}

const withoutSources = (list: readonly Tagged[] | undefined) => list?.map(withoutSource);

/** What a phase asks for and does. Titles, calendar and provenance are for people and may change at any time. */
export function normativeOf(phase: Phase): object {
  const { title, slot, watchEvery, criteria, triggers, requires, approvals, steps, load, ...rest } = phase;
  return {
    ...withoutSource(rest as Tagged),
    criteria: withoutSources(criteria),
    triggers: withoutSources(triggers),
    requires: withoutSources(requires),
    approvals: withoutSources(approvals),
    steps: steps?.map(({ id }) => id),
    load: load && withoutSource(load),
  };
}

/** Changes exactly when what the phase promises changes; key order, titles and citations don't matter. */
export const phaseDigest = (phase: Phase): string => digestOf(normativeOf(phase));

/** One version of a plan, as one environment and ladder walks it. */
export function planDigest(plan: Plan, environment: PlanEnvironment, ladder: LadderName): string {
  return digestOf({
    system: plan.system,
    artifact: plan.artifact,
    adapter: withoutSource(plan.adapter),
    segments: plan.segments.map(({ name }) => name),
    cohort: plan.cohort && withoutSource(plan.cohort),
    dependencies: withoutSources(plan.dependencies),
    environment,
    ladder,
    phases: phasesOf(plan, environment, ladder).map(normativeOf),
  });
}
