import { sumBudget } from "../arithmetic/rollback-budget.ts";
import { isWithin, overall, shrinkingSegments } from "../exposure/exposure.ts";
import { toSeconds } from "./duration.ts";
import { exposureOf } from "./ladder.ts";
import { metrics } from "./metrics.ts";
import type { Condition, Criterion, Phase, Plan, Trigger } from "./model.ts";

export interface PlanProblem {
  path: readonly (string | number)[];
  message: string;
}

type Path = readonly (string | number)[];

/** What types and shapes can't say about a plan. */
export function problemsOf(plan: Plan): PlanProblem[] {
  const problems: PlanProblem[] = [];
  const add = (path: Path, message: string) => problems.push({ path, message });
  for (const environment of ["staging", "production"] as const) {
    for (const [ladder, phases] of Object.entries(plan.ladders[environment])) {
      const path = ["ladders", environment, ladder];
      checkLadder(plan, phases, path, add);
      for (const [index, phase] of phases.entries()) {
        if (phase.environment !== environment)
          add([...path, index, "environment"], `has to be ${environment}, as its ladder is`);
        checkPhase(plan, phases.slice(0, index), phase, [...path, index], add);
      }
    }
  }
  checkPlanWide(plan, add);
  return problems;
}

type Add = (path: Path, message: string) => void;

function checkLadder(plan: Plan, phases: readonly Phase[], path: Path, add: Add): void {
  const first = phases[0]!;
  if (first.percent !== 0)
    add([...path, 0, "percent"], `is ${first.percent}, but every ladder starts with a phase at 0 %`);
  if (phases.at(-1)!.percent !== 100) add([...path, phases.length - 1, "percent"], "has to be 100 in the last phase");
  for (const [index, phase] of phases.entries()) {
    if (index > 0 && phase.percent < phases[index - 1]!.percent) {
      add(
        [...path, index, "percent"],
        `falls from ${phases[index - 1]!.percent} to ${phase.percent}; a ladder only climbs`,
      );
    }
  }
  reportTwins(
    phases.map(({ name }) => name),
    path,
    "a phase",
    add,
  );
  const shrinking = shrinkingSegments(phases.map((phase) => exposureOf(plan, phase)));
  if (shrinking.length > 0)
    add(path, `${shrinking.join(", ")}: a segment gets less in a later phase than in an earlier one`);
}

function checkPhase(plan: Plan, before: readonly Phase[], phase: Phase, path: Path, add: Add): void {
  reportTwins(
    phase.criteria.map(({ id }) => id),
    [...path, "criteria"],
    "a criterion",
    add,
  );
  reportTwins(
    phase.triggers.map(({ id }) => id),
    [...path, "triggers"],
    "a trigger",
    add,
  );
  const known = [...before, phase].map(({ name }) => name);
  for (const [index, one] of phase.criteria.entries()) {
    checkCondition(one, known, [...path, "criteria", index], add);
    checkZeroTolerance(one, [...path, "criteria", index], add);
    if (one.window && toSeconds(one.window) > toSeconds(phase.minDuration)) {
      add(
        [...path, "criteria", index, "window"],
        `${one.window} is longer than the phase lasts (${phase.minDuration})`,
      );
    }
  }
  for (const [index, one] of phase.triggers.entries()) {
    if (isMeasured(one)) checkCondition(one, known, [...path, "triggers", index], add);
    if (one.action === "previous-phase" && !isLowerBefore(plan, before.at(-1), phase)) {
      add([...path, "triggers", index, "action"], "no phase with less exposure comes right before; allowed is zero");
    }
  }
  checkExposure(plan, phase, path, add);
  if (phase.load && toSeconds(phase.load.duration) > toSeconds(phase.minDuration)) {
    add([...path, "load", "duration"], `${phase.load.duration} is longer than the phase lasts (${phase.minDuration})`);
  }
  if (phase.nodes && !plan.cohort) add([...path, "nodes"], "chooses nodes, but the plan has no cohort rules");
  if (phase.inWindow && plan.windows.length === 0) add([...path, "inWindow"], "needs a window, but the plan has none");
  if (phase.mirror && phase.percent !== 0) add([...path, "mirror"], "only a phase at 0 % may mirror");
  if (phase.slot?.toDay !== undefined && phase.slot.toDay <= phase.slot.fromDay) {
    add([...path, "slot"], `ends on day ${phase.slot.toDay}, before it begins on day ${phase.slot.fromDay}`);
  }
}

/** Going back to a phase that exposes as much would undo nothing. */
const isLowerBefore = (plan: Plan, before: Phase | undefined, phase: Phase): boolean =>
  before !== undefined && !isWithin(exposureOf(plan, phase), exposureOf(plan, before));

function checkExposure(plan: Plan, phase: Phase, path: Path, add: Add): void {
  if (!phase.exposure) return;
  const named = Object.keys(phase.exposure).sort().join(", ");
  const all = plan.segments
    .map(({ name }) => name)
    .sort()
    .join(", ");
  if (named !== all) add([...path, "exposure"], `names ${named}; it has to name every segment once: ${all}`);
  const values = Object.values(phase.exposure);
  const highest = Math.max(...values);
  if (phase.percent === 0 && highest > 0) add([...path, "exposure"], "exposes a segment, although the phase is at 0 %");
  if (phase.percent === 100 && Math.min(...values) < 100) add([...path, "exposure"], "holds a segment back at 100 %");
  if (phase.percent > 0 && !values.includes(phase.percent)) {
    add([...path, "exposure"], `gives no segment the ${phase.percent} % that the phase is called`);
  }
}

/** Baselines only where there is one: a phase that comes later can't have been measured. */
function checkCondition(condition: Condition, phases: readonly string[], path: Path, add: Add): void {
  const { statistic } = metrics[condition.metric];
  if (condition.statistic !== statistic) {
    add([...path, "statistic"], `is ${condition.statistic}, but ${condition.metric} is judged as ${statistic}`);
  }
  const earlier = condition.against?.of.startsWith("phase:") ? condition.against.of.slice("phase:".length) : undefined;
  if (earlier !== undefined && !phases.slice(0, -1).includes(earlier)) {
    add([...path, "against", "of"], `${earlier} is not an earlier phase of this ladder`);
  }
  if (condition.bySegment && (!isCountedByProxy(condition) || condition.against)) {
    add([...path, "bySegment"], "only a limit on error-ratio or success-ratio can be kept by each segment");
  }
}

/** Which segment a request is from, only the proxy tells; what the pods count, they might tell wrongly. */
const isCountedByProxy = ({ metric }: Condition): boolean => ["error-ratio", "success-ratio"].includes(metric);

function checkZeroTolerance(one: Criterion, path: Path, add: Add): void {
  if (!one.zeroTolerance) return;
  if (one.statistic !== "count" || one.op !== "==" || one.value !== 0 || one.against) {
    add(path, "zero tolerance is for counts that have to be 0");
  }
}

function checkPlanWide(plan: Plan, add: Add): void {
  const segments = plan.segments.map(({ name }) => name);
  reportTwins(segments, ["segments"], "a segment", add);
  const total = plan.segments.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 100) > 1e-9) add(["segments"], `shares add up to ${total}; they have to make 100`);
  for (const [index, ring] of (plan.rings ?? []).entries()) {
    const unknown = ring.segments.filter((name) => !segments.includes(name));
    if (unknown.length > 0) add(["rings", index], `${unknown.join(", ")}: no such segment`);
  }
  for (const [index, { system }] of plan.dependencies.entries()) {
    if (system === plan.system) add(["dependencies", index], "a system can't depend on itself");
  }
  for (const [list, names] of [
    ["alerts", plan.alerts.map(({ name }) => name)],
    ["objectives", plan.objectives.map(({ id }) => id)],
    ["communications", plan.communications.map(({ id }) => id)],
    ["validations", plan.validations.map(({ id }) => id)],
  ] as const) {
    reportTwins(names, [list], "an entry", add);
  }
  for (const list of ["alerts", "objectives"] as const) {
    for (const [index, one] of plan[list].entries()) checkCondition(one, [], [list, index], add);
  }
  for (const [index, { criteria }] of plan.validations.entries()) {
    for (const [at, one] of criteria.entries()) {
      checkCondition(one, [], ["validations", index, "criteria", at], add);
      checkZeroTolerance(one, ["validations", index, "criteria", at], add);
    }
  }
  if ((plan.adapter.kind === "node-cohort") !== (plan.cohort !== undefined)) {
    add(["cohort"], "cohort rules and the node-cohort adapter go together");
  }
  checkBlastRadius(plan, add);
  checkRollback(plan, add);
}

/** The clock starts with the decision; steps without a time of their own don't count. */
function checkRollback({ rollback }: Plan, add: Add): void {
  const steps = rollback.steps.flatMap(({ id, within, exposes, beforeDecision }) =>
    within && !beforeDecision ? [{ id, seconds: toSeconds(within), ...(exposes ? { exposes } : {}) }] : [],
  );
  const budget = { exposureWithin: toSeconds(rollback.exposureWithin), total: toSeconds(rollback.total) };
  const { keeps, reason } = sumBudget({ steps, ...budget });
  if (!keeps) add(["rollback", "steps"], reason);
}

function checkBlastRadius(plan: Plan, add: Add): void {
  if (!plan.blastRadius) return;
  const { percent, phases: limited } = plan.blastRadius;
  const customers = plan.segments
    .filter((segment) => segment.customers)
    .map(({ name, share }) => ({ segment: name, share }));
  for (const name of limited) {
    const phase = plan.ladders.production.normal.find((one) => one.name === name);
    if (!phase) {
      add(["blastRadius", "phases"], `${name} is not a phase of production`);
      continue;
    }
    const reached = overall(exposureOf(plan, phase), customers);
    if (reached > percent)
      add(["blastRadius"], `${name} reaches ${reached.toFixed(1)} % of customers; at most ${percent} % may be`);
  }
}

function reportTwins(names: readonly string[], path: Path, what: string, add: Add): void {
  const twins = names.filter((name, index) => names.indexOf(name) !== index);
  for (const name of new Set(twins)) add(path, `${name} is the name of more than ${what}`);
}

export const isMeasured = (trigger: Trigger): trigger is Trigger & Condition => "metric" in trigger;
