import type { Exposure } from "../exposure/exposure.ts";

/** A phase as the Rollout object carries it. */
export interface RolloutPhase {
  name: string;
  percent: number;
  exposure: Exposure;
  /** How long the phase has to be watched, without a person's extension. */
  soakSeconds: number;
  /** Copies of live requests go to the canary, answers are thrown away. */
  mirror?: true | undefined;
  /** Over everything else that the plan's phase asks for, criteria and triggers included. */
  digest: string;
}

/** One thing to do on the way down, told so that whoever does it needn't know the adapter. */
export interface DrainAction {
  name: string;
  kind: "patch" | "runJob" | "http" | "aws";
  to: "zero" | "previous" | "both";
  /** Only when it's this phase that is left; whichever when absent. */
  phase?: string | undefined;
  apiVersion?: string | undefined;
  resource?: string | undefined;
  target: string;
  /** As JSON. */
  body?: string | undefined;
}

/** What a stack's config and its program ask for; the counters follow from the live object. */
export interface DesiredRollout {
  system: string;
  stable: string;
  artifact: string;
  /** Hash over the canary's pod template and the config it mounts. */
  revision: string;
  /** 0 unless the same artifact is tried again after an abort. */
  retry: number;
  /** Undefined when settled. */
  phase: string | undefined;
  ladder: string;
  planDigest: string;
  phases: readonly RolloutPhase[];
  /** The way down, as the adapter gives it; none where there is nothing to undo. */
  drain?: readonly DrainAction[] | undefined;
  hold: boolean;
  extendSeconds: number;
  decommission: boolean;
}

export interface RolloutSpec extends DesiredRollout {
  /** Grows with every landing, across artifacts. */
  attempt: number;
  /** Grows with every change. */
  step: number;
}

/** A phase that has passed, in the current attempt. */
export interface Pass {
  phase: string;
  revision: string;
  attempt: number;
  /** Earned in a cluster that was lost. */
  restored?: boolean | undefined;
}

export interface Abort {
  attempt: number;
  trigger: string;
  reason: string;
  /** Where the abort took the exposure: nowhere, or that of the previous phase. */
  to: Exposure;
}

export type Outcome = "Passed" | "Failed" | "Inconclusive" | "Error" | "Running";

/** The part of the analyzer's status that decides about transitions. */
export interface RolloutStatus {
  /** The last step that the analyzer has seen; older than the spec's step means: all below speaks of the past. */
  observedStep: number;
  /** The exposure measured on the data plane is what the spec (or the abort) asks for. */
  onTarget: boolean;
  passed: readonly Pass[];
  aborted?: Abort | undefined;
}

export interface LiveRollout {
  spec: RolloutSpec;
  status: RolloutStatus;
}

/** From the RolloutPlan's status: the last settled state, which outlives the Rollout object. */
export interface SettledRecord {
  artifact: string;
  attempt: number;
}

export type Position =
  | { at: "phase"; index: number; name: string }
  | { at: "settled" }
  | { at: "unknown"; name: string };

export const isSettled = (spec: Pick<DesiredRollout, "stable" | "artifact">): boolean => spec.stable === spec.artifact;

/** Where on its ladder a rollout is. Order is by index: several phases may share a percent. */
export function positionOf(spec: DesiredRollout): Position {
  if (isSettled(spec)) return { at: "settled" };
  const index = spec.phases.findIndex((phase) => phase.name === spec.phase);
  return index < 0 ? { at: "unknown", name: spec.phase ?? "" } : { at: "phase", index, name: spec.phase! };
}

export const isAtFirstPhase = (spec: DesiredRollout): boolean => {
  const position = positionOf(spec);
  return position.at === "phase" && position.index === 0;
};

/** An abort of an earlier attempt no longer counts. */
export function currentAbort({ spec, status }: LiveRollout): Abort | undefined {
  return status.aborted?.attempt === spec.attempt ? status.aborted : undefined;
}

export function hasPassed({ spec, status }: LiveRollout, phase: string): boolean {
  return status.passed.some(
    (pass) => pass.phase === phase && pass.revision === spec.revision && pass.attempt === spec.attempt,
  );
}

/** Until the record has followed, the stable track may still be rolling to the new artifact. */
export function isSettleFinished(spec: DesiredRollout, record: SettledRecord | undefined): boolean {
  return record === undefined || record.artifact === spec.stable;
}

/** Where a spec stands, for people: `canary-5 (5 %)`. */
export function placeOf(spec: DesiredRollout): string {
  const position = positionOf(spec);
  if (position.at === "settled") return "settled";
  return position.at === "phase"
    ? `${position.name} (${spec.phases[position.index]!.percent} %)`
    : `${position.name || "no phase"}, which its plan doesn't have`;
}
