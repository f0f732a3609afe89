import type { LiveObject, LiveSystem, LiveSystems } from "../live/model.ts";
import type { Environment, StackConfig, SystemConfig } from "../rollout/config/model.ts";
import type { Plan } from "../rollout/plan/model.ts";
import { reachedBySystem, unmetNeeds } from "../rollout/transitions/dependencies.ts";
import { explainNext, type Surroundings, type Watched } from "../rollout/transitions/explain.ts";
import { currentAbort, hasPassed, isSettled, placeOf } from "../rollout/transitions/model.ts";
import type { Judgement } from "../rollout/transitions/reason.ts";

/** What a person, or a script, wants to know of one system. */
export interface SystemReport {
  readonly system: string;
  readonly artifact: string;
  /** The ceiling that the config asks for; absent where the config doesn't name the system. */
  readonly percent?: number;
  /** What the data plane does, as the analyzer last saw it. */
  readonly effective?: number;
  readonly phase?: string;
  readonly verdict?: string;
  readonly since?: string;
  /** Until the phase has been watched for long enough, at the earliest. */
  readonly soakLeftSeconds?: number;
  readonly attempt?: number;
  /** The status speaks of an earlier step than the Rollout's. */
  readonly isStale: boolean;
  /** Where config and reality don't agree. */
  readonly differences: readonly string[];
  /** What comes next, and everything that stands against it now. */
  readonly next?: Judgement;
}

export interface Seen {
  readonly config: StackConfig;
  readonly live: LiveSystems;
  readonly plans: readonly Plan[];
  readonly stagingPassed: (system: string, artifact: string) => boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Every system that the config or the cluster knows, in the order of the plans. */
export function reportAll(seen: Seen): SystemReport[] {
  const known = seen.plans
    .map(({ system }) => system)
    .filter((name) => seen.config.systems[name] || seen.live[name]?.rollout);
  return known.map((system) => report(system, seen));
}

function report(system: string, seen: Seen): SystemReport {
  const config = seen.config.systems[system];
  const live = seen.live[system];
  const common = {
    system,
    artifact: shortArtifact(live?.rollout?.spec.artifact ?? config!.artifact),
    ...(config ? { percent: config.percent } : {}),
    differences: differences(config, live),
  };
  if (!live?.rollout) return { ...common, isStale: false };
  const { spec, status } = live.rollout;
  const watched = watchOf(live.rollout, seen.now);
  const phase = spec.phases.find(({ name }) => name === spec.phase);
  const soakLeft = phase ? Math.ceil(phase.soakSeconds + spec.extendSeconds - watched.seconds) : 0;
  const isOver = !phase || hasPassed(live.rollout, phase.name) || currentAbort(live.rollout) !== undefined;
  return {
    ...common,
    ...(status.effectivePercent === undefined ? {} : { effective: status.effectivePercent }),
    phase: isSettled(spec) ? "settled" : (spec.phase ?? ""),
    ...(status.verdict ? { verdict: status.verdict.outcome } : {}),
    ...(status.phaseStartedAt && phase ? { since: status.phaseStartedAt } : {}),
    ...(isOver ? {} : { soakLeftSeconds: Math.max(0, soakLeft) }),
    attempt: spec.attempt,
    isStale: status.observedStep !== spec.step,
    next: explainNext(live.rollout, surroundingsOf(system, seen), watched),
  };
}

export function surroundingsOf(system: string, { config, live, plans, stagingPassed }: Seen): Surroundings {
  const plan = plans.find((one) => one.system === system)!;
  const environment: Environment = config.environment;
  const artifact = live[system]?.rollout?.spec.artifact ?? "";
  return {
    environment,
    stagingPassed: stagingPassed(system, artifact),
    record: live[system]?.record,
    unmetNeeds: (percent) => unmetNeeds(plan, percent, reachedBySystem(live)),
  };
}

/** Of an earlier phase the status knows nothing about this one. */
export function watchOf({ spec, status }: LiveObject, now: number): Watched {
  const isOfThisPhase = status.phase === spec.phase && status.observedStep === spec.step;
  const started = isOfThisPhase && status.phaseStartedAt ? Date.parse(status.phaseStartedAt) / 1000 : now;
  const verdict = isOfThisPhase ? status.verdict : undefined;
  return { outcome: verdict?.outcome ?? "Running", reason: verdict?.reason, seconds: Math.max(0, now - started) };
}

export function differences(config: SystemConfig | undefined, live: LiveSystem | undefined): string[] {
  const rollout = live?.rollout;
  if (!config) return ["the config doesn't name it, and its Rollout is still there"];
  if (!rollout) return ["the config names it, and it isn't deployed; run up"];
  const { spec, status } = rollout;
  const abort = currentAbort(rollout);
  const is = placeOf(spec);
  const says = config.settled ? "settled" : `${config.phase} (${config.percent} %)`;
  const isThere = config.settled ? isSettled(spec) : !isSettled(spec) && config.phase === spec.phase;
  const asked = spec.phases.find(({ name }) => name === spec.phase)?.percent ?? 0;
  const effective = status.effectivePercent ?? 0;
  const isLower = !isSettled(spec) && status.observedStep === spec.step && effective < asked;
  return [
    ...(config.artifact === spec.artifact
      ? []
      : [
          `the config says artifact ${shortArtifact(config.artifact)}, and the Rollout has ${shortArtifact(spec.artifact)}`,
        ]),
    ...(config.stable === spec.stable
      ? []
      : [`the config says stable ${shortArtifact(config.stable)}, and the Rollout has ${shortArtifact(spec.stable)}`]),
    ...(isThere ? [] : [`the config says ${says}, and the Rollout is at ${is}`]),
    ...(abort
      ? [
          `attempt ${abort.attempt} was aborted by ${abort.trigger} (${abort.reason})${isLower ? `; ${asked} % was asked for, at ${effective} % now` : ""}`,
        ]
      : []),
    ...(!abort && isLower ? [`the Rollout asks for ${asked} %, and ${effective} % is what there is now`] : []),
    ...(status.observedStep === spec.step
      ? []
      : [`the status is of step ${status.observedStep}, the Rollout is at step ${spec.step}`]),
  ];
}

/** `sha256:7eb8072c97` is enough to tell two apart. */
export const shortArtifact = (artifact: string): string => artifact.replace(/^.*@sha256:([0-9a-f]{12}).*$/, "$1");
