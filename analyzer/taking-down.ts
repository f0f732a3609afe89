import { isDeepStrictEqual } from "node:util";
import type { Installed, LiveObject } from "../live/model.ts";
import type { Plan } from "../rollout/plan/model.ts";
import { systems as systemNames } from "../rollout/plan/systems.ts";
import { drainActions } from "../rollout/transitions/drain-actions.ts";
import { currentAbort } from "../rollout/transitions/model.ts";
import { abortOf, drainsTo, type TriggerAlert, whyNot } from "../rollout/verdict/abort.ts";
import { type Following, followersOf, leftTooHigh } from "../rollout/verdict/dependents.ts";
import type { DatedAbort } from "../rollout/verdict/model.ts";
import { stillServed } from "../rollout/verdict/questions.ts";
import type { PlanBook } from "./plan-book.ts";
import { complain, Overtaken, type Ports } from "./ports.ts";

type Systems = ReadonlyMap<string, Installed>;

/** Ends attempts and drains them, those that lean on them as well, and sees whether somebody is left. */
export class TakingDown {
  readonly #ports: Pick<Ports, "cluster" | "clock" | "prometheuses" | "log">;
  readonly #plans: PlanBook;
  /** As they were last read. */
  readonly #systems: () => Systems;
  readonly #failures = new Map<string, number>();
  /** By system, the attempt of which it was seen that nobody is left in it. */
  readonly #verified = new Map<string, number>();

  constructor(ports: Ports, plans: PlanBook, systems: () => Systems) {
    this.#ports = ports;
    this.#plans = plans;
    this.#systems = systems;
  }

  /** Drains that failed until now, by system. */
  get failures(): ReadonlyMap<string, number> {
    return this.#failures;
  }

  /** Ends the attempt that an alert is about; one about another attempt counts for nothing. */
  async byAlert(alert: TriggerAlert, path: string): Promise<void> {
    const one = this.#systems().get(alert.system);
    if (!one) return;
    const rollout = currentAbort(one.rollout) ? one.rollout : await this.#ports.cluster.rollout(one.namespace);
    if (!rollout || whyNot(alert, rollout)) return;
    await this.#end({ ...one, rollout }, alert, path);
  }

  /** Ends what ended attempts have left above them, also where whoever ended them died before it came to that. */
  async leftovers(): Promise<void> {
    await this.#endAll(leftTooHigh(this.#allPlans(), this.#rollouts()));
  }

  /** Those that may not be above a system that was ended, before its own users go: whoever needs it has none by then. */
  async followers(rollout: LiveObject, aborted: DatedAbort): Promise<void> {
    await this.#endAll(followersOf(rollout, aborted, this.#allPlans(), this.#rollouts()));
  }

  async #endAll(followers: readonly Following[]): Promise<void> {
    for (const { system, ending } of followers) {
      const one = this.#systems().get(system)!;
      const { attempt, revision, phase } = one.rollout.spec;
      const alert = { ...ending, system, attempt: String(attempt), revision, phases: [phase ?? ""] };
      await this.#end(one, alert, "a system that it needs").catch((error: unknown) =>
        complain(this.#ports, `${system}: it could not be taken down with the system that it needs`, error),
      );
    }
  }

  async #end(one: Installed, alert: TriggerAlert, path: string): Promise<void> {
    const { cluster, clock } = this.#ports;
    for (let rollout: LiveObject | undefined = one.rollout; rollout && !whyNot(alert, rollout); ) {
      const aborted = abortOf(rollout, clock.now(), alert)!;
      if (isDeepStrictEqual(aborted, currentAbort(rollout))) return;
      try {
        const verdict = { outcome: "Failed", reason: `${aborted.trigger}: ${aborted.reason}`.slice(0, 500) } as const;
        await cluster.latch(one.namespace, rollout, aborted, { ...verdict, since: aborted.at });
        await this.followers(rollout, aborted);
        await this.drain(one.namespace, rollout, aborted.to);
        this.announce(one.namespace, rollout, aborted, path);
        return;
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
        rollout = await cluster.rollout(one.namespace);
      }
    }
  }

  async drain(namespace: string, { spec }: LiveObject, to: DatedAbort["to"]): Promise<void> {
    const actions = drainActions(spec, drainsTo(to));
    const errors = await this.#ports.cluster.drain(namespace, actions).catch((error: Error) => [error.message]);
    if (errors.length === 0) return;
    this.#failures.set(spec.system, (this.#failures.get(spec.system) ?? 0) + 1);
    this.#ports.log("error", `${spec.system}: the drain failed, it is tried again`, { errors });
  }

  announce(namespace: string, { spec }: LiveObject, { trigger, reason, to }: DatedAbort, by: string): void {
    const { log, cluster } = this.#ports;
    log("warn", `${spec.system}: attempt ${spec.attempt} is over`, { by, trigger, reason, to, phase: spec.phase });
    const message = `attempt ${spec.attempt} was ended by ${trigger} in ${spec.phase}: ${reason}`;
    const event = { name: `rollout-abort-${spec.attempt}`, reason: "Aborted", message, isWarning: true };
    cluster.tell(namespace, event).catch((error: unknown) => complain(this.#ports, "an Event was not taken", error));
  }

  /** A weight is not traffic: whether nobody comes to the canary any more is counted, and then said. */
  async verify(): Promise<void> {
    const { cluster, prometheuses, log } = this.#ports;
    const open = [...this.#systems().values()].filter(({ rollout }) => this.#isUnverified(rollout));
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

  #allPlans(): Plan[] {
    return systemNames.flatMap((name) => this.#plans.plan(name) ?? []);
  }

  #rollouts(): Record<string, LiveObject> {
    return Object.fromEntries([...this.#systems()].map(([name, { rollout }]) => [name, rollout]));
  }
}
