import { allowedPercents, phasesOf } from "../plan/ladder.ts";
import type { Phase, Plan, PlanEnvironment } from "../plan/model.ts";
import type { LadderName } from "./model.ts";
import { nearestNumber } from "./nearest.ts";
import type { Problem } from "./problem.ts";

/** The keys of a system that turned out well by themselves; the others are left out. */
export interface SoundKeys {
  stable?: string;
  artifact?: string;
  percent?: number;
  phase?: string;
  ladder?: LadderName;
  retry?: number;
  reason?: string;
  hold?: boolean;
  extendDays?: number;
  excludeNodes?: readonly string[];
  expectedRps?: number;
  decommission?: boolean;
}

/** What is wrong between keys that are each right; `given` are all that stand there, `path` is the system's own. */
export function problemsBetweenKeys(
  keys: SoundKeys,
  given: readonly string[],
  plan: Plan,
  environment: PlanEnvironment | undefined,
  path: readonly string[],
): Problem[] {
  const at = (key: string, message: string, hints: Partial<Problem> = {}): Problem => ({
    path: [...path, key],
    message,
    ...hints,
  });
  const problems: Problem[] = [];
  const isSettled = keys.stable !== undefined && keys.stable === keys.artifact;
  if (isSettled && keys.percent !== undefined && keys.percent !== 100) {
    problems.push(
      at("percent", `${keys.percent} is not where a settled system is (stable equals artifact)`, {
        allowed: ["100"],
        nearest: "100",
      }),
    );
  }
  if (isSettled && keys.phase !== undefined) {
    problems.push(at("phase", "a settled system (stable equals artifact) is in no phase; remove this key"));
  }
  if (environment !== undefined) {
    const phases = phasesOf(plan, environment, keys.ladder ?? "normal");
    if (phases.length === 0) {
      problems.push(at("ladder", `${plan.system}'s plan has no ${keys.ladder ?? "normal"} ladder for ${environment}`));
    } else if (!isSettled && keys.stable !== undefined && keys.artifact !== undefined) {
      problems.push(...placeProblems(keys, phases, plan, at));
    }
  }
  if (keys.retry !== undefined && !given.includes("reason")) {
    problems.push(at("retry", "trying an aborted artifact again needs a `reason` beside it"));
  }
  if (keys.reason !== undefined && !["retry", "hold", "extendDays"].some((key) => given.includes(key))) {
    problems.push(at("reason", "is a reason for nothing: there is no `retry`, `hold` or `extendDays` beside it"));
  }
  if (keys.excludeNodes !== undefined && plan.cohort === undefined) {
    problems.push(at("excludeNodes", `${plan.system} is rolled out by traffic, not by nodes; remove this key`));
  }
  return problems;
}

function placeProblems(
  keys: SoundKeys,
  phases: readonly Phase[],
  plan: Plan,
  at: (key: string, message: string, hints?: Partial<Problem>) => Problem,
): Problem[] {
  const { percent, phase } = keys;
  const problems: Problem[] = [];
  const named = phases.find(({ name }) => name === phase);
  if (percent !== undefined && !allowedPercents(phases).includes(percent)) {
    const allowed = allowedPercents(phases);
    problems.push(
      at("percent", `${percent} is not a percent of ${plan.system}'s plan while it is under way`, {
        allowed: allowed.map(String),
        nearest: String(nearestNumber(percent, allowed)),
      }),
    );
  } else if (named && percent !== undefined && named.percent !== percent) {
    const there = phases.filter((one) => one.percent === percent).map(({ name }) => name);
    problems.push(
      at("phase", `${named.name} is at ${named.percent} %, but percent says ${percent}`, {
        allowed: there,
        ...(there[0] === undefined ? {} : { nearest: there[0] }),
      }),
    );
  }
  const isFirst = phase === undefined ? percent === phases[0]!.percent : phase === phases[0]!.name;
  if (keys.decommission === true && percent !== undefined && !isFirst) {
    problems.push(
      at("decommission", `starts only from settled or from the first phase (${phases[0]!.name}); go down first`),
    );
  }
  return problems;
}
