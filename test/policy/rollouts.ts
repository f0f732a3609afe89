// The component of one system, as a program would register it.
import type { SystemConfig } from "../../rollout/config/model.ts";
import { rolloutComponentType } from "../../rollout/guard/args.ts";
import { phasesOf } from "../../rollout/plan/ladder.ts";
import { decideStep } from "../../rollout/transitions/decide-step.ts";
import { desiredRollout } from "../../rollout/transitions/desired.ts";
import type { StepFacts } from "../../rollout/transitions/facts.ts";
import type { DesiredRollout, LiveRollout, RolloutStatus } from "../../rollout/transitions/model.ts";
import { plans } from "../../stacks/systems/plans.ts";
import type { AnalyzedResource } from "./pack.ts";

export const image = (letter: string) => `registry.example/app@sha256:${letter.repeat(64)}`;

type Environment = "staging" | "production";

export interface Case {
  system?: string;
  environment?: Environment;
  ladder?: "normal" | "expedited";
}

const planFor = (system: string) => plans.find((plan) => plan.system === system)!;

/** What the config asks for: a phase by name, or settled without one. */
export function wishFor(phase: string | undefined, of: Case = {}, over: Partial<DesiredRollout> = {}): DesiredRollout {
  const { system = "wdbx", environment = "production", ladder = "normal" } = of;
  const plan = planFor(system);
  const [stable, artifact] = plan.artifact === "version" ? ["1.0.0", "1.1.0"] : [image("a"), image("b")];
  const config: SystemConfig = {
    stable,
    artifact: phase === undefined ? stable : artifact,
    percent:
      phase === undefined ? 100 : phasesOf(plan, environment, ladder).find(({ name }) => name === phase)!.percent,
    settled: phase === undefined,
    phase,
    ladder,
    retry: 0,
    reason: undefined,
    hold: false,
    extendDays: 0,
    excludeNodes: [],
    expectedRps: undefined,
    decommission: false,
  };
  return { ...desiredRollout(plan, config, { environment, scale: { time: 1, size: 1 } }, "r1"), ...over };
}

/** A live Rollout at a phase that has passed, like all before it. */
export function liveAt(wish: DesiredRollout, status: Partial<RolloutStatus> = {}, attempt = 1): LiveRollout {
  const index = wish.phases.findIndex(({ name }) => name === wish.phase);
  const passed = wish.phases.slice(0, index + 1).map(({ name }) => ({ phase: name, revision: wish.revision, attempt }));
  return { spec: { ...wish, attempt, step: 7 }, status: { observedStep: 7, onTarget: true, passed, ...status } };
}

export interface Told {
  wish: unknown;
  live?: unknown;
  facts?: unknown;
  /** What is written; the wish, numbered, unless said otherwise. */
  spec?: unknown;
}

/** What a program has read: nothing that speaks against a rise, unless said otherwise. */
export function factsFor(over: object = {}, { system = "wdbx", environment = "production" }: Case = {}): object {
  const artifact = planFor(system).artifact === "version" ? "1.0.0" : image("a");
  return { environment, unmetNeeds: [], stagingPassed: true, record: { artifact, attempt: 0 }, ...over };
}

export function component(told: Told, of: Case = {}): AnalyzedResource {
  const { system = "wdbx", environment = "production" } = of;
  const props = { system, namespace: system, spec: written(told, of), live: null, facts: factsFor({}, of), ...told };
  return { type: rolloutComponentType, name: system, props, stack: environment };
}

/** What the real program would write, as far as it can be told. */
function written({ wish, live, facts }: Told, of: Case): unknown {
  try {
    const known = { ...factsFor({}, of), ...(facts as object | null) } as StepFacts;
    return decideStep((live as LiveRollout) ?? undefined, wish as DesiredRollout, known).spec;
  } catch {
    return { ...(live as LiveRollout | undefined)?.spec, ...(wish as object) };
  }
}
