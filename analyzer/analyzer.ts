import { isDeepStrictEqual } from "node:util";
import type { LiveObject, LiveSystem } from "../live/model.ts";
import { percentOf } from "../rollout/exposure/exposure.ts";
import type { Phase, Plan } from "../rollout/plan/model.ts";
import { type SystemName, systems as systemNames } from "../rollout/plan/systems.ts";
import { drainActions } from "../rollout/transitions/drain-actions.ts";
import { currentAbort, hasPassed, isSettled } from "../rollout/transitions/model.ts";
import { abortOf, drainsTo, type TriggerAlert, whyNot } from "../rollout/verdict/abort.ts";
import { type Following, followersOf, leftTooHigh } from "../rollout/verdict/dependents.ts";
import { isAtTarget, isSame, targetOf } from "../rollout/verdict/effective.ts";
import { type AnalyzerStatus, instantOf, type Seen, secondsOf } from "../rollout/verdict/model.ts";
import { nextStatus } from "../rollout/verdict/next-status.ts";
import { passStatement } from "../rollout/verdict/pass-statement.ts";
import { stillServed } from "../rollout/verdict/questions.ts";
import { recordDigest, recordOfAbort, recordOfPass } from "../rollout/verdict/record.ts";
import { scopeOf, soakSeries, uncounted, within } from "../rollout/verdict/series.ts";
import type { Expected } from "../rollout/verdict/soak.ts";
import { firingQuery, fromSamples } from "./alerts.ts";
import { AttemptLogs } from "./attempt-log.ts";
import { eachOf } from "./each-of.ts";
import { type Measured, measure, type Wanted } from "./measuring.ts";
import type { PlanBook } from "./plan-book.ts";
import { type Exposed, Overtaken, type Ports } from "./ports.ts";
import { nobodyAsked, Signatures } from "./signatures.ts";

export interface Options {
  readonly stack: string;
  /** Nobody is asked to sign anything. */
  readonly isRehearsal: boolean;
}

/** What the outside is told of a system. */
export interface Known {
  readonly live: LiveObject;
  readonly effective: Exposed["effective"];
}

/**
 * Looks, judges and lowers; it never raises. All that it remembers between two looks can be had again from the API
 * server and from Prometheus, so it may die at any moment, and two of it do no harm to each other.
 */
export class Analyzer {
  readonly #ports: Ports;
  readonly #plans: PlanBook;
  readonly #options: Options;
  readonly #logs: AttemptLogs;
  #systems = new Map<string, LiveSystem & { rollout: LiveObject }>();
  readonly #effective = new Map<string, Exposed["effective"]>();
  readonly #measured = new Map<string, Measured & { scope: string }>();
  /** On what the last judgement rested: judging costs more than looking. */
  readonly #judged = new Map<string, { resourceVersion: string; seen: Omit<Seen, "now"> }>();
  readonly #signatures: Signatures;
  readonly #drainFailures = new Map<string, number>();
  /** By system, the attempt of which it was seen that nobody is left in it. */
  readonly #verified = new Map<string, number>();
  #blind: string | undefined;
  #isDeaf = false;

  constructor(ports: Ports, plans: PlanBook, options: Options) {
    this.#ports = ports;
    this.#plans = plans;
    this.#options = options;
    this.#logs = new AttemptLogs(ports, options.stack);
    this.#signatures = new Signatures(ports, plans, this.#logs, options.stack);
  }

  known(): Known[] {
    return [...this.#systems].map(([system, { rollout }]) => ({
      live: rollout,
      effective: this.#effective.get(system) ?? {},
    }));
  }

  get drainFailures(): ReadonlyMap<string, number> {
    return this.#drainFailures;
  }

  /** Reads every Rollout and its exposure, and writes what is to be said of it. */
  async look(): Promise<void> {
    const all = (await this.#ports.cluster.systems()) ?? {};
    const there = Object.entries(all).flatMap(([system, one]) =>
      one?.rollout ? [[system, { ...one, rollout: one.rollout }] as const] : [],
    );
    this.#systems = new Map(there);
    await this.#endFollowers(leftTooHigh(this.#allPlans(), this.#rollouts()));
    // Who has to come down waits for nobody.
    const isOver = ([, { rollout }]: (typeof there)[number]) => currentAbort(rollout) !== undefined;
    await eachOf([...there.filter(isOver), ...there.filter((one) => !isOver(one))], ([system, one]) =>
      this.#lookAt(one).catch((error: unknown) => {
        if (!(error instanceof Overtaken)) this.#complain(`${system}: the look failed`, error);
      }),
    );
  }

  /** Asks for the minutes that nobody has counted yet, of all systems together. */
  async measure(): Promise<void> {
    const wanted = [...this.#systems.values()].flatMap((one) => this.#wanted(one));
    if (wanted.length === 0) return;
    try {
      const found = await measure(this.#ports.prometheuses, wanted);
      for (const [system, one] of found) {
        const { rollout } = this.#systems.get(system)!;
        this.#measured.set(system, { ...one, scope: scopeOf(rollout.spec) });
      }
      this.#blind = undefined;
    } catch (error) {
      if (!this.#blind) this.#complain("nothing can be measured", error);
      this.#blind = `nothing can be measured: ${(error as Error).message}`;
    }
  }

  /** Asks which triggers fire; the webhook says the same, and either is enough. */
  async poll(): Promise<void> {
    const asked = await Promise.allSettled(this.#ports.prometheuses.map((one) => one.now(firingQuery)));
    const alerts = asked.flatMap((one) => (one.status === "fulfilled" ? fromSamples(one.value) : []));
    const failed = asked.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    const isDeaf = failed.length === asked.length;
    if (isDeaf && !this.#isDeaf) this.#complain("nobody says which triggers fire; only the webhook is left", failed[0]);
    this.#isDeaf = isDeaf;
    await this.onAlerts(alerts, "poll");
  }

  /** Ends the attempts that the alerts are about; those of other attempts count for nothing. */
  async onAlerts(alerts: readonly TriggerAlert[], path: "webhook" | "poll" | "proxy"): Promise<void> {
    await eachOf(alerts, (alert) =>
      this.#endBy(alert, path).catch((error: unknown) => this.#complain("an attempt could not be ended", error)),
    );
  }

  async #endBy(alert: TriggerAlert, path: string): Promise<void> {
    const one = this.#systems.get(alert.system);
    if (!one) return;
    const rollout = currentAbort(one.rollout) ? one.rollout : await this.#ports.cluster.rollout(one.namespace);
    if (!rollout || whyNot(alert, rollout)) return;
    await this.#end({ ...one, rollout }, alert, path);
  }

  /** A weight is not traffic: whether nobody comes to the canary any more is counted, and then said. */
  async verify(): Promise<void> {
    const { cluster, prometheuses, log } = this.#ports;
    const open = [...this.#systems.values()].filter(({ rollout }) => this.#isUnverified(rollout));
    if (open.length === 0) return;
    const names = open.map(({ rollout }) => rollout.spec.system).join("|");
    const asked = await Promise.allSettled(prometheuses.map((one) => one.now(stillServed(names))));
    const answers = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    for (const { namespace, rollout } of open) {
      const { system, attempt } = rollout.spec;
      const counts = answers.flatMap((one) => one.filter(({ labels }) => labels.system === system));
      if (counts.length === 0 || counts.some(({ value }) => value > 0)) continue;
      this.#verified.set(system, attempt);
      const message = `attempt ${attempt} has no users any more: no request reached the canary`;
      log("info", `${system}: ${message}`);
      await cluster.tell(namespace, {
        name: `rollout-drained-${attempt}`,
        reason: "Drained",
        message,
        isWarning: false,
      });
    }
  }

  #isUnverified({ spec, status }: LiveObject): boolean {
    const abort = currentAbort({ spec, status });
    const isToNobody = abort !== undefined && drainsTo(abort.to) === "zero";
    return isToNobody && status.onTarget && this.#verified.get(spec.system) !== spec.attempt;
  }

  async #end(one: LiveSystem & { rollout: LiveObject }, alert: TriggerAlert, path: string): Promise<void> {
    const { cluster, clock } = this.#ports;
    for (let rollout: LiveObject | undefined = one.rollout; rollout && !whyNot(alert, rollout); ) {
      const aborted = abortOf(rollout, clock.now(), alert)!;
      if (isDeepStrictEqual(aborted, currentAbort(rollout))) return;
      try {
        const verdict = { outcome: "Failed", reason: `${aborted.trigger}: ${aborted.reason}`.slice(0, 500) } as const;
        await cluster.latch(one.namespace, rollout, aborted, { ...verdict, since: aborted.at });
        await this.#endFollowers(followersOf(rollout, aborted, this.#allPlans(), this.#rollouts()));
        await this.#drain(one.namespace, rollout, aborted.to);
        this.#announce(one.namespace, rollout, aborted, path);
        return;
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        rollout = await cluster.rollout(one.namespace);
      }
    }
  }

  /** Those that may not be above a system that was ended, before its own users go: whoever needs it has none by then. */
  async #endFollowers(followers: readonly Following[]): Promise<void> {
    for (const { system, ending } of followers) {
      const one = this.#systems.get(system)!;
      const { attempt, revision, phase } = one.rollout.spec;
      const alert = { ...ending, system, attempt: String(attempt), revision, phases: [phase ?? ""] };
      await this.#end(one, alert, "a system that it needs").catch((error: unknown) =>
        this.#complain(`${system}: it could not be taken down with the system that it needs`, error),
      );
    }
  }

  #allPlans(): Plan[] {
    return systemNames.flatMap((name) => this.#plans.plan(name) ?? []);
  }

  #rollouts(): Record<string, LiveObject> {
    return Object.fromEntries([...this.#systems].map(([name, { rollout }]) => [name, rollout]));
  }

  async #drain(namespace: string, { spec }: LiveObject, to: Exposed["effective"]): Promise<void> {
    const actions = drainActions(spec, drainsTo(to));
    const errors = await this.#ports.cluster.drain(namespace, actions).catch((error: Error) => [error.message]);
    if (errors.length === 0) return;
    this.#drainFailures.set(spec.system, (this.#drainFailures.get(spec.system) ?? 0) + 1);
    this.#ports.log("error", `${spec.system}: the drain failed, it is tried again`, { errors });
  }

  #announce(
    namespace: string,
    { spec }: LiveObject,
    aborted: NonNullable<AnalyzerStatus["aborted"]>,
    by: string,
  ): void {
    const { log, cluster } = this.#ports;
    const { trigger, reason, to } = aborted;
    log("warn", `${spec.system}: attempt ${spec.attempt} is over`, { by, trigger, reason, to, phase: spec.phase });
    const message = `attempt ${spec.attempt} was ended by ${trigger} in ${spec.phase}: ${reason}`;
    const event = { name: `rollout-abort-${spec.attempt}`, reason: "Aborted", message, isWarning: true };
    cluster.tell(namespace, event).catch((error: Error) => this.#complain("an Event was not taken", error));
  }

  async #lookAt(one: LiveSystem & { rollout: LiveObject }): Promise<void> {
    const { namespace, rollout } = one;
    const { cluster } = this.#ports;
    const { spec, status } = rollout;
    const exposed = (await cluster.exposed(namespace, rollout)) ?? {
      effective: targetOf(rollout),
      isProgrammed: true,
    };
    this.#effective.set(spec.system, exposed.effective);
    // What can't be written must not keep an attempt up that is over already.
    const next = await this.#judge(one, exposed).catch((error: unknown) => {
      if (!(error instanceof Overtaken)) this.#complain(`${spec.system}: its status could not be written`, error);
      return undefined;
    });
    const aborted = next?.aborted ?? (currentAbort(rollout) && status.aborted);
    const isNewEnd = next?.aborted !== undefined && (!currentAbort(rollout) || status.aborted?.at === undefined);
    const isDown = isAtTarget({ spec, status: { ...status, aborted } }, exposed.effective, exposed.isMirrored);
    if (aborted && (isNewEnd || !isDown)) {
      if (isNewEnd) await this.#endFollowers(followersOf(rollout, aborted, this.#allPlans(), this.#rollouts()));
      await this.#drain(namespace, rollout, aborted.to);
    }
    if (aborted && isNewEnd) this.#announce(namespace, rollout, aborted, "the analyzer itself");
    if (isSettled(spec) && isSame(exposed.effective, targetOf(rollout))) await this.#record(one);
    await this.#logs.keep(rollout, () => this.#keepEnd(one, exposed));
  }

  /** Keeps what the end of an attempt rests on, and what it left behind. */
  async #keepEnd(one: LiveSystem & { rollout: LiveObject }, exposed: Exposed): Promise<string> {
    const { evidence } = this.#ports;
    const scene = await evidence.scene(one.namespace, one.rollout);
    const record = recordOfAbort(this.#options.stack, one.rollout, await this.#seen(one, exposed), scene);
    await evidence.keep(record);
    return recordDigest(record);
  }

  /** The status with what its new pass rests on, which is kept first: without it nothing has passed. */
  async #withEvidence(watched: LiveObject, seen: Seen, next: AnalyzerStatus): Promise<AnalyzerStatus> {
    const isNew = ({ phase }: { phase: string }) =>
      phase === next.phase && !hasPassed(watched, phase) && next.verdict?.outcome === "Passed";
    if (seen.restored || !next.passed.some(isNew)) return next;
    const record = recordOfPass(this.#options.stack, watched, seen);
    const { signer } = this.#ports;
    const head = this.#logs.head(watched.spec);
    await this.#ports.evidence.keep(record, signer?.sign(passStatement(record, signer.principal, head)));
    const evidence = recordDigest(record);
    return { ...next, passed: next.passed.map((pass) => (isNew(pass) ? { ...pass, evidence } : pass)) };
  }

  /** Writes what is to be said; undefined where everything is as it was when it was last said. */
  async #judge(one: LiveSystem & { rollout: LiveObject }, exposed: Exposed): Promise<AnalyzerStatus | undefined> {
    const { namespace, rollout } = one;
    const { spec, status, resourceVersion } = rollout;
    const { now, ...seen } = await this.#seen(one, exposed);
    const before = this.#judged.get(spec.system);
    if (before?.resourceVersion === resourceVersion && isDeepStrictEqual(before.seen, seen)) return undefined;
    const next = await this.#withEvidence(rollout, { now, ...seen }, nextStatus(rollout, { now, ...seen }));
    if (changes(rollout, next)) await this.#ports.cluster.writeStatus(namespace, rollout, next);
    else this.#judged.set(spec.system, { resourceVersion, seen });
    if (next.verdict?.outcome !== status.verdict?.outcome) {
      const { outcome, reason } = next.verdict!;
      this.#ports.log("info", `${spec.system}: ${outcome}`, { phase: spec.phase, attempt: spec.attempt, reason });
    }
    return next;
  }

  async #seen({ namespace, rollout }: LiveSystem & { rollout: LiveObject }, exposed: Exposed): Promise<Seen> {
    const { spec } = rollout;
    const { isRehearsal } = this.#options;
    const phase = this.#phaseOf(rollout);
    const measured = this.#measured.get(spec.system);
    const { windows, readings, baselines } =
      measured?.scope === scopeOf(spec) ? measured : { windows: {}, readings: {}, baselines: {} };
    return {
      ...{ now: this.#ports.clock.now(), ...exposed, phase, windows, readings, baselines, isRehearsal },
      ...(phase && !isRehearsal ? await this.#signatures.of(namespace, rollout, phase) : nobodyAsked),
      ...(this.#blind ? { blind: this.#blind } : {}),
    };
  }

  #phaseOf({ spec }: LiveObject): Phase | undefined {
    const place = spec.phases.find(({ name }) => name === spec.phase);
    return place && this.#plans.phase(place.digest);
  }

  #wanted({ rollout }: LiveSystem & { rollout: LiveObject }): Wanted[] {
    const { spec, status } = rollout;
    const phase = this.#phaseOf(rollout);
    const own = within(scopeOf(spec), status.windows);
    if (!phase || currentAbort(rollout) || !(soakSeries in own) || !status.phaseStartedAt) return [];
    const minutes = uncounted(own[soakSeries]!, secondsOf(status.phaseStartedAt), this.#ports.clock.now());
    if (!minutes || !isSystem(spec.system)) return [];
    return [{ system: spec.system, phase, minutes, expected: expectedOf(rollout, phase), known: own }];
  }

  /** The last settled state goes on record once stable runs it everywhere. */
  async #record({ namespace, rollout: { spec }, record }: LiveSystem & { rollout: LiveObject }): Promise<void> {
    if (record?.artifact === spec.stable && record.attempt === spec.attempt) return;
    const { cluster, clock } = this.#ports;
    if (!(await cluster.runsEverywhere(namespace, spec.system, spec.stable))) return;
    await cluster.recordSettled(namespace, {
      artifact: spec.stable,
      attempt: spec.attempt,
      at: instantOf(clock.now()),
    });
  }

  #complain(message: string, error: unknown): void {
    this.#ports.log("error", message, { error: (error as Error).message });
  }
}

const isSystem = (name: string): name is SystemName => systemNames.some((one) => one === name);

/** Who has to answer, and whose share the requests ought to be. Copies of requests are nobody's share. */
function expectedOf({ spec }: LiveObject, phase: Phase): Expected {
  const exposure = spec.phases.find(({ name }) => name === spec.phase)?.exposure ?? {};
  const percents = Object.values(exposure);
  // Who is of no segment gets what the least exposed one gets.
  const lowest = Math.min(...percents);
  return {
    shareOf: (segment) => (phase.mirror ? undefined : (segment ? percentOf(exposure, segment) : lowest) / 100),
    hasCanary: percents.some((percent) => percent > 0) || phase.mirror === true,
    hasStable: percents.some((percent) => percent < 100),
  };
}

/** Parts that may also go away. */
const passing = ["aborted", "phase", "phaseStartedAt", "windows"];

/** Whether the status says anything else than before. */
function changes({ status }: LiveObject, next: AnalyzerStatus): boolean {
  const { observedGeneration: _generation, artifact: _artifact, ...rest } = next;
  const [known, said] = [plain(status), plain(rest)];
  return [...new Set([...Object.keys(said), ...passing])].some((key) => !isDeepStrictEqual(known[key], said[key]));
}

const plain = (value: object): Record<string, unknown> => JSON.parse(JSON.stringify(value));
