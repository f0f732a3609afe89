import type { Api } from "../../live/api.ts";
import { type Deployment, runsEverywhere } from "../../live/deployment.ts";
import { drain } from "../../live/drain.ts";
import type { Installed, LiveObject, LiveSystem } from "../../live/model.ts";
import { objectPath, planPath, rolloutPath } from "../../live/paths.ts";
import { readLive } from "../../live/read.ts";
import { drainActions } from "../../rollout/transitions/drain-actions.ts";
import { isSettled, type Pass } from "../../rollout/transitions/model.ts";
import { effectiveOf, isSame, type Route, segmentsOf, targetOf } from "../../rollout/verdict/effective.ts";

/**
 * Writes what an analyzer would write of what it sees on the API server, and nothing that it would have to measure:
 * weights stand for shares, and a phase passes when somebody says so.
 */
export class StandIn {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Looks at every system once, and writes where something has changed. */
  async look(): Promise<void> {
    const live = (await readLive(this.#api)) ?? {};
    await Promise.all(Object.values(live).map((system) => system?.rollout && this.#observe(system, system.rollout)));
  }

  /** Says that the current phase has passed; its soak has to be over, unless it is left out on purpose. */
  async pass(system: string, { withoutSoak = false, now = Date.now() } = {}): Promise<string> {
    const { namespace, rollout } = await this.#system(system);
    const { spec, status } = rollout;
    const phase = spec.phases.find(({ name }) => name === spec.phase);
    if (!phase) throw new Error(`${system} is settled: there is no phase to pass`);
    if (status.observedStep !== spec.step || !status.onTarget) throw new Error(`${system} isn't on target yet`);
    const soaked = status.phaseStartedAt ? (now - Date.parse(status.phaseStartedAt)) / 1000 : 0;
    const left = Math.ceil(phase.soakSeconds + spec.extendSeconds - soaked);
    if (left > 0 && !withoutSoak) throw new Error(`${system}: ${phase.name} has to be watched for ${left} s more`);
    const pass = { phase: phase.name, revision: spec.revision, attempt: spec.attempt };
    const passed = [...status.passed.filter(({ phase: name }) => name !== phase.name), pass];
    const outcome = { outcome: "Passed", reason: "the stand-in was told so", since: instant(now) };
    const complete = phase.name === spec.phases.at(-1)!.name;
    await this.#write(namespace, { passed, verdict: outcome, ...(complete ? { complete } : {}) });
    return phase.name;
  }

  /** Ends the attempt as a trigger would: the latch first, then the way down. */
  async abort(system: string, trigger: string, reason: string, to: "zero" | "previous" = "zero"): Promise<void> {
    const { namespace, rollout } = await this.#system(system);
    const { spec } = rollout;
    const index = spec.phases.findIndex(({ name }) => name === spec.phase);
    const nobody = spec.phases[0]!.exposure;
    const target = to === "previous" ? (spec.phases[index - 1]?.exposure ?? nobody) : nobody;
    const aborted = { attempt: spec.attempt, at: instant(Date.now()), trigger, reason, to: target };
    await this.#write(namespace, { aborted, verdict: { outcome: "Failed", reason } });
    await drain(this.#api, namespace, drainActions(spec, to));
  }

  async #system(system: string): Promise<Installed> {
    const found = (await readLive(this.#api))?.[system];
    if (!found?.rollout) throw new Error(`${system} has no Rollout in this cluster`);
    return { ...found, rollout: found.rollout };
  }

  async #observe(system: LiveSystem, rollout: LiveObject): Promise<void> {
    const { namespace } = system;
    const { spec, status } = rollout;
    const { abort, isRequested } = abortOf(rollout);
    const route = (await this.#api.get(
      objectPath("gateway.networking.k8s.io/v1", "httproutes", namespace, spec.system),
    )) as Route | undefined;
    const target = targetOf(rollout);
    const effective = route ? effectiveOf(route, spec.system, segmentsOf(rollout)) : target;
    if (abort && !isSame(effective, target)) {
      await drain(
        this.#api,
        namespace,
        drainActions(spec, Object.values(abort.to).some((percent) => percent > 0) ? "previous" : "zero"),
      );
    }
    const moved = status.observedStep !== spec.step;
    const onTarget = isSame(effective, target);
    const begins = onTarget && (moved || !status.onTarget) && status.phase !== spec.phase;
    const next = {
      observedStep: spec.step,
      artifact: spec.artifact.replace(/^.*@sha256:/, "").slice(0, 12),
      phase: spec.phase ?? null,
      effective,
      effectivePercent: isSettled(spec) ? 100 : Math.max(0, ...Object.values(effective)),
      onTarget,
      passed: keptPasses(rollout),
      ...(isRequested ? { aborted: { ...abort, at: instant(Date.now()), to: spec.phases[0]!.exposure } } : {}),
      ...(status.aborted && !abort ? { aborted: null } : {}),
      ...(begins ? { phaseStartedAt: instant(Date.now()) } : {}),
      ...(moved ? { verdict: { outcome: "Running", reason: "the stand-in watches" }, complete: false } : {}),
    };
    if (changes(rollout, next)) await this.#write(namespace, next);
    if (isSettled(spec) && onTarget) await this.#record(system, rollout);
  }

  /** The last settled state goes on record once stable runs it everywhere. */
  async #record({ namespace, record }: LiveSystem, { spec }: LiveObject): Promise<void> {
    if (record?.artifact === spec.stable && record.attempt === spec.attempt) return;
    const path = objectPath("apps/v1", "deployments", namespace, `${spec.system}-stable`);
    const stable = (await this.#api.get(path)) as Deployment | undefined;
    if (stable && !runsEverywhere(stable, spec.stable)) return;
    const settled = { artifact: spec.stable, attempt: spec.attempt, at: instant(Date.now()) };
    await this.#api.patch(`${planPath(namespace)}/status`, "merge", { status: { settled } });
  }

  async #write(namespace: string, status: object): Promise<void> {
    await this.#api.patch(`${rolloutPath(namespace)}/status`, "merge", { status });
  }
}

const instant = (ms: number): string => new Date(ms).toISOString();

/** The latch, and whether it is still only a person's annotation. */
function abortOf({ spec, status, annotations }: LiveObject) {
  const abort = status.aborted?.attempt === spec.attempt ? status.aborted : undefined;
  const isRequested =
    abort !== undefined && abort.trigger === "a person" && annotations["rampart.dev/abort"] === String(spec.attempt);
  return { abort, isRequested };
}

/** What lies below where the rollout stands, and the phase itself while it has not moved. */
function keptPasses({ spec, status }: LiveObject): Pass[] {
  const here = spec.phases.findIndex(({ name }) => name === spec.phase);
  const settled = isSettled(spec);
  return status.passed.filter(({ phase, attempt, revision }) => {
    const index = spec.phases.findIndex(({ name }) => name === phase);
    const stays = status.phase === spec.phase && index === here;
    return attempt === spec.attempt && revision === spec.revision && (settled || index < here || stays);
  });
}

function changes({ status }: LiveObject, next: Record<string, unknown>): boolean {
  const known = status as unknown as Record<string, unknown>;
  const isSaid = (key: string): boolean => JSON.stringify(known[key] ?? null) === JSON.stringify(next[key] ?? null);
  return Object.keys(next).some((key) => key !== "artifact" && key !== "aborted" && !isSaid(key)) || "aborted" in next;
}
