import { Canary } from "../components/canary.ts";
import { revisionOf, shortDigest } from "../components/pods.ts";
import { Rollout, type RolloutArgs } from "../components/rollout.ts";
import { SignedEvidence } from "../components/signed-evidence.ts";
import type { LiveSystem, LiveSystems } from "../live/model.ts";
import type { StackConfig, SystemConfig } from "../rollout/config/model.ts";
import type { EvidenceFile } from "../rollout/evidence/required.ts";
import { cap } from "../rollout/exposure/exposure.ts";
import type { Plan } from "../rollout/plan/model.ts";
import { type Decision, decideStep } from "../rollout/transitions/decide-step.ts";
import { reachedBySystem, unmetNeeds } from "../rollout/transitions/dependencies.ts";
import { desiredRollout, rolloutPhases } from "../rollout/transitions/desired.ts";
import type { StepFacts } from "../rollout/transitions/facts.ts";
import { judgeStep } from "../rollout/transitions/may-step.ts";
import { currentAbort, type DesiredRollout, isSettled, type RolloutSpec } from "../rollout/transitions/model.ts";
import { waitsForAnalyzer } from "../rollout/transitions/order.ts";
import { deployDatabase, hasDatabase } from "./database.ts";
import { gateway } from "./names.ts";
import { say } from "./say.ts";
import { httpSystemIn } from "./systems/behind-http.ts";
import { drainOf } from "./systems/drains.ts";
import type { HttpSystem } from "./systems/http-system.ts";
import { plans } from "./systems/plans.ts";

/** What a stack shows of a system. */
export interface SystemOutput {
  readonly stable: string;
  readonly artifact: string;
  readonly percent: number;
  readonly phase: string;
  readonly hostname?: string;
}

/** What the program knows beside the config, read once before anything is decided. */
export interface Reality {
  readonly live: LiveSystems;
  /** Systems whose artifact staging has passed, by signed evidence. */
  readonly stagingPassed: (plan: Plan, artifact: string) => boolean;
  /** What was signed about an artifact of a system, for this stack. */
  readonly signed: (system: string, artifact: string) => readonly EvidenceFile[];
}

/** One system with what is decided about it. */
interface Decided {
  readonly plan: Plan;
  readonly http: HttpSystem | undefined;
  readonly known: LiveSystem | undefined;
  readonly podRevision: string;
  readonly wish: DesiredRollout;
  readonly decision: Decision;
}

/** What moves: the systems that this stack's config names, each for itself. */
export function deploySystems(config: StackConfig, reality: Reality): Record<string, SystemOutput> {
  const named = Object.entries(config.systems).map(([name, system]) => decide(name, system, config, reality));
  const systems = [...named, ...forgotten(config, reality.live)];
  say(systems.map(({ decision }) => decision));
  return Object.fromEntries(
    systems.flatMap((system) => {
      bringEvidence(system, reality);
      const output = deploy(system, config);
      return output ? [[system.plan.system, output]] : [];
    }),
  );
}

function decide(system: string, config: SystemConfig, stack: StackConfig, { live, stagingPassed }: Reality): Decided {
  const plan = plans.find((one) => one.system === system)!;
  const http = httpSystemIn(stack, system);
  const known = live[system];
  const podRevision = http ? revisionOf(system, config.artifact, http.pod) : shortDigest(config.artifact);
  const drain = drainOf(plan, rolloutPhases(plan, config.ladder, stack));
  const wish = desiredRollout(plan, config, stack, podRevision, drain);
  const facts: StepFacts = {
    environment: stack.environment,
    stagingPassed: stagingPassed(plan, config.artifact),
    record: known?.record,
    unmetNeeds: unmetNeeds(plan, config.settled ? 0 : config.percent, reachedBySystem(live)),
  };
  return { plan, http, known, podRevision, wish, decision: decideStep(known?.rollout, wish, facts) };
}

/** Systems that are live but no longer in the config. Not to declare one is to delete it, so it stays as it is until it may go. */
function forgotten(stack: StackConfig, live: LiveSystems): Decided[] {
  const { systems, environment } = stack;
  return plans.flatMap((plan) => {
    const known = live[plan.system];
    if (!known?.rollout || Object.hasOwn(systems, plan.system)) return [];
    const { spec } = known.rollout;
    const facts = { environment, stagingPassed: false, record: known.record, unmetNeeds: [] };
    const { tried, reasons } = judgeStep(known.rollout, undefined, facts);
    if (reasons.length === 0) return [];
    const http = httpSystemIn(stack, plan.system);
    const podRevision = http ? revisionOf(plan.system, spec.artifact, http.pod) : spec.revision;
    const { attempt: _attempt, step: _step, ...wish } = spec;
    return [{ plan, http, known, podRevision, wish, decision: { spec, kind: "unchanged", tried, reasons, notes: [] } }];
  });
}

/** By an update of its own, before the rise that it opens: what is signed about what runs, or is asked for. */
function bringEvidence({ plan: { system }, decision }: Decided, { signed }: Reality): void {
  const { spec } = decision;
  const files = !spec || isSettled(spec) ? [] : signed(system, spec.artifact);
  if (files.length > 0) new SignedEvidence(system, { namespace: system, files });
}

function deploy(system: Decided, stack: StackConfig): SystemOutput | undefined {
  const { http, decision, plan, known } = system;
  const isDatabase = hasDatabase(stack, plan);
  if (!decision.spec || (!isDatabase && isPremature(decision.spec, http))) return undefined;
  const rollout = rolloutArgs(decision, system.wish, known);
  if (http) deployCanary(http, rollout, system);
  else if (isDatabase) deployDatabase(stack, plan, rollout, known);
  else new Rollout(rollout.system, rollout);
  return outputOf(decision.spec, http);
}

/** Only settled, until the system's own way of exposing users is there. */
function isPremature(spec: RolloutSpec, http: HttpSystem | undefined): boolean {
  if (isSettled(spec) || (http && !http.isSettledOnly)) return false;
  throw new Error(
    `rampart:${spec.system}: Rampart has no adapter yet that exposes ${spec.system} phase by phase, so it can only be ` +
      "deployed settled; set artifact to stable and percent to 100",
  );
}

function rolloutArgs({ spec, kind }: Decision, wish: DesiredRollout, known: LiveSystem | undefined): RolloutArgs {
  const { system, step } = spec!;
  // The same as before where nothing changes, so that a second update has nothing to do.
  const awaited = known?.rollout?.annotations["pulumi.com/waitFor"]?.endsWith(`=${step}`);
  const awaitsStep = waitsForAnalyzer(kind) || (kind === "unchanged" && awaited) ? step : undefined;
  return { system, namespace: system, spec: spec!, awaitsStep, wish };
}

function deployCanary(
  { plan, hostnames, pod, replicas, autoscaling, isMirrorSafe }: HttpSystem,
  rollout: RolloutArgs,
  { decision: { kind }, known, podRevision }: Decided,
): void {
  const { spec } = rollout;
  const phase = spec.phases.find(({ name }) => name === spec.phase);
  const abort = known?.rollout && currentAbort({ ...known.rollout, spec });
  const settled = isSettled(spec);
  const mirror = phase?.mirror === true && !settled && !abort;
  if (mirror && !isMirrorSafe) {
    throw new Error(
      `rampart:${plan.system}: phase ${phase.name} mirrors live requests, and a mirrored write is made twice; ` +
        "mark the system isMirrorSafe in its room when its canary may take them",
    );
  }
  const args = {
    rollout,
    exposure: settled ? {} : cap({ settled, phase: phase?.exposure ?? {}, abortedTo: abort?.to }),
    mirror,
    pod,
    podRevision,
    replicas,
    ...(autoscaling ? { autoscaling } : {}),
    hostnames,
    gateway,
  };
  new Canary(plan.system, args, { kind, rolloutUid: known?.rollout?.uid });
}

function outputOf(spec: RolloutSpec, http: HttpSystem | undefined): SystemOutput {
  const settled = isSettled(spec);
  const phase = spec.phases.find(({ name }) => name === spec.phase);
  return {
    stable: spec.stable,
    artifact: spec.artifact,
    percent: settled ? 100 : (phase?.percent ?? 0),
    phase: settled ? "settled" : (spec.phase ?? ""),
    ...(http ? { hostname: http.hostnames[0] } : {}),
  };
}
