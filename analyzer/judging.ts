import { isDeepStrictEqual } from "node:util";
import type { Installed, LiveObject } from "../live/model.ts";
import { percentOf } from "../rollout/exposure/exposure.ts";
import type { Phase } from "../rollout/plan/model.ts";
import { type SystemName, systems as systemNames } from "../rollout/plan/systems.ts";
import { currentAbort, hasPassed } from "../rollout/transitions/model.ts";
import { type AnalyzerStatus, type Seen, secondsOf } from "../rollout/verdict/model.ts";
import { nextStatus } from "../rollout/verdict/next-status.ts";
import { passStatement } from "../rollout/verdict/pass-statement.ts";
import { recordDigest, recordOfAbort, recordOfPass } from "../rollout/verdict/record.ts";
import { scopeOf, soakSeries, uncounted, within } from "../rollout/verdict/series.ts";
import type { Expected } from "../rollout/verdict/soak.ts";
import type { AttemptLogs } from "./attempt-log.ts";
import { type Measured, measure, type Wanted } from "./measuring.ts";
import type { PlanBook } from "./plan-book.ts";
import { complain, type Exposed, type Ports } from "./ports.ts";
import { nobodyAsked, Signatures } from "./signatures.ts";

export interface Options {
  readonly stack: string;
  /** Nobody is asked to sign anything. */
  readonly isRehearsal: boolean;
}

/** Has the minutes counted, and says what follows from them: verdicts, and what they rest on. */
export class Judging {
  readonly #ports: Ports;
  readonly #plans: PlanBook;
  readonly #options: Options;
  readonly #logs: AttemptLogs;
  readonly #signatures: Signatures;
  readonly #measured = new Map<string, Measured & { scope: string }>();
  /** On what the last judgement rested: judging costs more than looking. */
  readonly #judged = new Map<string, { resourceVersion: string; seen: Omit<Seen, "now"> }>();
  #blind: string | undefined;

  constructor(ports: Ports, plans: PlanBook, logs: AttemptLogs, options: Options) {
    this.#ports = ports;
    this.#plans = plans;
    this.#logs = logs;
    this.#options = options;
    this.#signatures = new Signatures(ports, plans, logs, options.stack);
  }

  /** Asks for the minutes that nobody has counted yet, of all systems together. */
  async measure(systems: ReadonlyMap<string, Installed>): Promise<void> {
    const wanted = [...systems.values()].flatMap((one) => this.#wanted(one));
    if (wanted.length === 0) return;
    try {
      const found = await measure(this.#ports.prometheuses, wanted);
      for (const [system, one] of found) {
        const { rollout } = systems.get(system)!;
        this.#measured.set(system, { ...one, scope: scopeOf(rollout.spec) });
      }
      this.#blind = undefined;
    } catch (error) {
      if (!this.#blind) complain(this.#ports, "nothing can be measured", error);
      this.#blind = `nothing can be measured: ${(error as Error).message}`;
    }
  }

  /** Writes what is to be said; undefined where everything is as it was when it was last said. */
  async judge(one: Installed, exposed: Exposed): Promise<AnalyzerStatus | undefined> {
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

  /** Keeps what the end of an attempt rests on, and what it left behind. */
  async keepEnd(one: Installed, exposed: Exposed): Promise<string> {
    const { evidence } = this.#ports;
    const scene = await evidence.scene(one.namespace, one.rollout);
    const record = recordOfAbort(this.#options.stack, one.rollout, await this.#seen(one, exposed), scene);
    await evidence.keep(record);
    return recordDigest(record);
  }

  async #seen({ namespace, rollout }: Installed, exposed: Exposed): Promise<Seen> {
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

  #wanted({ rollout }: Installed): Wanted[] {
    const { spec, status } = rollout;
    const phase = this.#phaseOf(rollout);
    const own = within(scopeOf(spec), status.windows);
    if (!phase || currentAbort(rollout) || !(soakSeries in own) || !status.phaseStartedAt) return [];
    const minutes = uncounted(own[soakSeries]!, secondsOf(status.phaseStartedAt), this.#ports.clock.now());
    if (!minutes || !isSystem(spec.system)) return [];
    return [{ system: spec.system, phase, minutes, expected: expectedOf(rollout, phase), known: own }];
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
