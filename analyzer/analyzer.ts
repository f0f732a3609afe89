import type { Installed, LiveObject } from "../live/model.ts";
import { currentAbort, isSettled } from "../rollout/transitions/model.ts";
import type { TriggerAlert } from "../rollout/verdict/abort.ts";
import { isAtTarget, isSame, targetOf } from "../rollout/verdict/effective.ts";
import { instantOf } from "../rollout/verdict/model.ts";
import { firingQuery, fromSamples } from "./alerts.ts";
import { AttemptLogs } from "./attempt-log.ts";
import { eachOf } from "./each-of.ts";
import { Judging, type Options } from "./judging.ts";
import type { PlanBook } from "./plan-book.ts";
import { complain, type Exposed, Overtaken, type Ports } from "./ports.ts";
import { TakingDown } from "./taking-down.ts";

/** What the outside is told of a system. */
export interface Known {
  readonly live: LiveObject;
  readonly effective: Exposed["effective"];
}

/**
 * Looks, has it judged, and has it taken down; it never raises. All that it remembers between two looks can be had again
 * from the API server and from Prometheus, so it may die at any moment, and two of it do no harm to each other.
 */
export class Analyzer {
  readonly #ports: Ports;
  readonly #logs: AttemptLogs;
  readonly #judging: Judging;
  readonly #down: TakingDown;
  #systems: ReadonlyMap<string, Installed> = new Map();
  readonly #effective = new Map<string, Exposed["effective"]>();
  #isDeaf = false;

  constructor(ports: Ports, plans: PlanBook, options: Options) {
    this.#ports = ports;
    this.#logs = new AttemptLogs(ports, options.stack);
    this.#judging = new Judging(ports, plans, this.#logs, options);
    this.#down = new TakingDown(ports, plans, () => this.#systems);
  }

  known(): Known[] {
    return [...this.#systems].map(([system, { rollout }]) => ({
      live: rollout,
      effective: this.#effective.get(system) ?? {},
    }));
  }

  get drainFailures(): ReadonlyMap<string, number> {
    return this.#down.failures;
  }

  /** Reads every Rollout and its exposure, and writes what is to be said of it. */
  async look(): Promise<void> {
    const all = (await this.#ports.cluster.systems()) ?? {};
    const there = Object.entries(all).flatMap(([system, one]) =>
      one?.rollout ? [[system, { ...one, rollout: one.rollout }] as const] : [],
    );
    this.#systems = new Map(there);
    await this.#down.leftovers();
    // Who has to come down waits for nobody.
    const isOver = ([, { rollout }]: (typeof there)[number]) => currentAbort(rollout) !== undefined;
    await eachOf([...there.filter(isOver), ...there.filter((one) => !isOver(one))], ([system, one]) =>
      this.#lookAt(one).catch((error: unknown) => {
        if (!(error instanceof Overtaken)) complain(this.#ports, `${system}: the look failed`, error);
      }),
    );
  }

  /** Asks for the minutes that nobody has counted yet, of all systems together. */
  measure(): Promise<void> {
    return this.#judging.measure(this.#systems);
  }

  /** Asks which triggers fire; the webhook says the same, and either is enough. */
  async poll(): Promise<void> {
    const asked = await Promise.allSettled(this.#ports.prometheuses.map((one) => one.now(firingQuery)));
    const alerts = asked.flatMap((one) => (one.status === "fulfilled" ? fromSamples(one.value) : []));
    const failed = asked.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    const isDeaf = failed.length === asked.length;
    if (isDeaf && !this.#isDeaf) {
      complain(this.#ports, "nobody says which triggers fire; only the webhook is left", failed[0]);
    }
    this.#isDeaf = isDeaf;
    await this.onAlerts(alerts, "poll");
  }

  /** Ends the attempts that the alerts are about. */
  async onAlerts(alerts: readonly TriggerAlert[], path: "webhook" | "poll" | "proxy"): Promise<void> {
    await eachOf(alerts, (alert) =>
      this.#down
        .byAlert(alert, path)
        .catch((error: unknown) => complain(this.#ports, "an attempt could not be ended", error)),
    );
  }

  /** Says of ended attempts when nobody is left in them. */
  verify(): Promise<void> {
    return this.#down.verify();
  }

  async #lookAt(one: Installed): Promise<void> {
    const { namespace, rollout } = one;
    const { cluster } = this.#ports;
    const { spec, status } = rollout;
    const exposed = (await cluster.exposed(namespace, rollout)) ?? {
      effective: targetOf(rollout),
      isProgrammed: true,
    };
    this.#effective.set(spec.system, exposed.effective);
    // What can't be written must not keep an attempt up that is over already.
    const next = await this.#judging.judge(one, exposed).catch((error: unknown) => {
      if (!(error instanceof Overtaken)) {
        complain(this.#ports, `${spec.system}: its status could not be written`, error);
      }
      return undefined;
    });
    const aborted = next?.aborted ?? (currentAbort(rollout) && status.aborted);
    const isNewEnd = next?.aborted !== undefined && (!currentAbort(rollout) || status.aborted?.at === undefined);
    const isDown = isAtTarget({ spec, status: { ...status, aborted } }, exposed.effective, exposed.isMirrored);
    if (aborted && (isNewEnd || !isDown)) {
      if (isNewEnd) await this.#down.followers(rollout, aborted);
      await this.#down.drain(namespace, rollout, aborted.to);
    }
    if (aborted && isNewEnd) this.#down.announce(namespace, rollout, aborted, "the analyzer itself");
    if (isSettled(spec) && isSame(exposed.effective, targetOf(rollout))) await this.#record(one);
    await this.#logs.keep(rollout, () => this.#judging.keepEnd(one, exposed));
  }

  /** The last settled state goes on record once stable runs it everywhere. */
  async #record({ namespace, rollout: { spec }, record }: Installed): Promise<void> {
    if (record?.artifact === spec.stable && record.attempt === spec.attempt) return;
    const { cluster, clock } = this.#ports;
    if (!(await cluster.runsEverywhere(namespace, spec.system, spec.stable))) return;
    await cluster.recordSettled(namespace, {
      artifact: spec.stable,
      attempt: spec.attempt,
      at: instantOf(clock.now()),
    });
  }
}
