import { planEnvironment } from "../../rollout/config/model.ts";
import { measureOf } from "../../rollout/monitoring/measures/measures.ts";
import { ladderNamed, phaseByName, phasesOf } from "../../rollout/plan/ladder.ts";
import type { Phase, Plan } from "../../rollout/plan/model.ts";
import { itemsOf } from "../../rollout/readiness/readiness.ts";
import { questionsOf } from "../../rollout/validation/validation.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { answersTo, isAbout, provenBy } from "../figures.ts";
import { CliError } from "../output.ts";
import type { Finding, Probe, Target } from "./model.ts";

/** The phase that a rollout is in as the plan has it, and for how many seconds. */
export function phaseNow({ plan, rollout, config }: Target): { phase: Phase; seconds: number } {
  const { spec, status } = rollout;
  const phases = phasesOf(plan, planEnvironment(config.environment), ladderNamed(spec.ladder));
  const phase = phaseByName(phases, spec.phase ?? "");
  if (!phase || status.phaseStartedAt === undefined)
    throw new CliError(`${plan.system} is in no phase of its plan that has begun, so nothing was measured in it`);
  const seconds = Math.round(Date.now() / 1000 - Date.parse(status.phaseStartedAt) / 1000);
  return { phase, seconds: Math.max(60, seconds) };
}

const everyPhase = (plan: Plan): Phase[] =>
  Object.values(plan.ladders).flatMap(({ normal, expedited = [] }) => [...normal, ...expedited]);

const unique = (list: readonly string[]): string[] => [...new Set(list)];

/** The criteria of the phase that a rollout is in: each item that comes from the same line of a seed. */
export const figuresProbe: Probe = {
  id: "figures",
  what: "what the phase's criteria say of the time since it began",
  items: unique(
    plans.flatMap((plan) =>
      everyPhase(plan).flatMap(({ name, criteria }) =>
        itemsOf(plan.system, name).flatMap((item) => (criteria.some((one) => isAbout(item, one)) ? [item.id] : [])),
      ),
    ),
  ),
  async measure(target) {
    const { phase, seconds } = phaseNow(target);
    const { plan, config, ask } = target;
    const { time } = config.scale;
    const questions = questionsOf(plan, { criteria: phase.criteria, after: `${seconds * time}s` }, time);
    return provenBy(await answersTo(questions, ask), itemsOf(plan.system, phase.name));
  },
};

const recorded = ["MON-09", "MIGV-03", "DBW1-01", "BP-POST-04"];

/** Errors and latency of whoever serves now, over an hour: what the artifact will be held against. */
export const baselineProbe: Probe = {
  id: "baseline",
  what: "errors and latency of the last hour are measured, and as good as the plan's objectives",
  items: recorded,
  async measure({ plan, config, ask }): Promise<Finding[]> {
    const criteria = plan.objectives.filter(({ metric }) =>
      ["proportion", "quantile"].includes(measureOf(metric, plan.system).kind),
    );
    const answered = await answersTo(questionsOf(plan, { criteria, after: "1h" }, config.scale.time), ask);
    const figures = Object.fromEntries(answered.map(({ criterion, said }) => [criterion.id, said]));
    const said = answered.map(({ criterion, said: is }) => `${criterion.metric} ${is}`).join(", ");
    const holds = answered.length > 0 && answered.every((one) => one.holds);
    return [{ items: recorded, holds, said: said || "the plan has no such objectives", figures }];
  },
};
