import type { StepFacts } from "../../../rollout/transitions/facts.ts";
import { judgeStep } from "../../../rollout/transitions/may-step.ts";
import type { DesiredRollout, LiveRollout, RolloutPhase, RolloutStatus } from "../../../rollout/transitions/model.ts";
import { nextSpec } from "../../../rollout/transitions/next-spec.ts";

export function phase(name: string, percent: number, over: Partial<RolloutPhase> = {}): RolloutPhase {
  return { name, percent, exposure: { all: percent }, soakSeconds: 60, digest: `${name}-1`, ...over };
}

export const ladder: readonly RolloutPhase[] = [
  phase("prep", 0),
  phase("shadow", 0),
  phase("canary-5", 5),
  phase("half", 50),
  phase("full", 100),
  phase("watch", 100),
];

export const desired = (over: Partial<DesiredRollout> = {}): DesiredRollout => ({
  system: "wdbx",
  stable: "A",
  artifact: "B",
  revision: "r1",
  retry: 0,
  phase: "prep",
  ladder: "normal",
  planDigest: "p1",
  phases: ladder,
  hold: false,
  extendSeconds: 0,
  decommission: false,
  ...over,
});

export const settled = (artifact = "A", over: Partial<DesiredRollout> = {}): DesiredRollout =>
  desired({ stable: artifact, artifact, phase: undefined, ...over });

/** A live Rollout that the analyzer has seen, on target, with the phases below the current one passed. */
export function live(
  spec: DesiredRollout,
  status: Partial<RolloutStatus> & { passedToo?: string[] } = {},
): LiveRollout {
  const { passedToo = [], ...rest } = status;
  const index = spec.phases.findIndex(({ name }) => name === spec.phase);
  const names = [...spec.phases.slice(0, Math.max(0, index)).map(({ name }) => name), ...passedToo];
  const passed = names.map((name) => ({ phase: name, revision: spec.revision, attempt: 1 }));
  return {
    spec: { ...spec, attempt: 1, step: 1 },
    status: { observedStep: 1, onTarget: true, passed, ...rest },
  };
}

export const facts = (over: Partial<StepFacts> = {}): StepFacts => ({
  environment: "production",
  stagingPassed: true,
  record: { artifact: "A", attempt: 0 },
  unmetNeeds: [],
  ...over,
});

export const aborted = (to = 0) => ({ attempt: 1, trigger: "errors", reason: "5 % failed", to: { all: to } });

/** Kind and broken rules of a wish, as the program would number it. */
export function tryStep(from: LiveRollout | undefined, to: DesiredRollout, over: Partial<StepFacts> = {}) {
  const { spec } = nextSpec(from, to, facts(over).record);
  const { kind, reasons } = judgeStep(from, spec, facts(over));
  return { kind, rules: reasons.map(({ rule }) => rule) };
}
