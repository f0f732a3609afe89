import type { LiveObject } from "../live/model.ts";
import { appendToLog, type LogEntry } from "../rollout/evidence/log.ts";
import type { RolloutSpec } from "../rollout/transitions/model.ts";
import { missingEvents } from "../rollout/verdict/log-events.ts";
import type { OwnLogs } from "../rollout/verdict/restored.ts";
import { Overtaken, type Ports } from "./ports.ts";

/** A log as it was last read or written; without a version it isn't there yet. */
export interface StoredLog {
  readonly entries: readonly LogEntry[];
  readonly version: string | undefined;
}

/** Keeps the log of every attempt: what is missing is added, each entry tied to the one before. */
export class AttemptLogs {
  readonly #ports: Pick<Ports, "cluster" | "clock">;
  readonly #stack: string;
  readonly #read = new Map<string, StoredLog & { attempt: number }>();

  constructor(ports: Pick<Ports, "cluster" | "clock">, stack: string) {
    this.#ports = ports;
    this.#stack = stack;
  }

  /** The newest entry's hash; undefined where the log hasn't been read yet, or has none. */
  head({ system, attempt }: Pick<RolloutSpec, "system" | "attempt">): string | undefined {
    const known = this.#read.get(system);
    return known?.attempt === attempt ? known.entries.at(-1)?.hash : undefined;
  }

  /** What this cluster has kept of a system: of the attempt that is live as it was last read, and of which others. */
  of({ system, attempt }: Pick<RolloutSpec, "system" | "attempt">): OwnLogs {
    const known = this.#read.get(system);
    return {
      current: known?.attempt === attempt ? known.entries : [],
      has: async (other) => (await this.#ports.cluster.readLog(system, other)).entries.length > 0,
    };
  }

  /** `record` keeps how the attempt ended, and gives the digest of that. */
  async keep(rollout: LiveObject, record: () => Promise<string>): Promise<void> {
    const { system, attempt } = rollout.spec;
    // Until this step was seen, the status still speaks of the one before.
    if (rollout.status.observedStep !== rollout.spec.step) return;
    const { cluster, clock } = this.#ports;
    const known = this.#read.get(system);
    const log = known?.attempt === attempt ? known : await cluster.readLog(system, attempt);
    const owner = { system, stack: this.#stack, attempt };
    const missing = missingEvents(rollout, log.entries, clock.now());
    const isOver = missing.some(({ kind }) => kind === "aborted");
    const ending = isOver ? [await record()] : [];
    const events = missing.map((event) => (event.kind === "aborted" ? { ...event, evidence: ending } : event));
    const entries = events.reduce<readonly LogEntry[]>((all, event) => appendToLog(owner, all, event), log.entries);
    this.#read.delete(system);
    try {
      const version = events.length === 0 ? log.version : await cluster.writeLog(system, attempt, { ...log, entries });
      this.#read.set(system, { entries, version, attempt });
    } catch (error) {
      // Somebody else has written it; the next look sees what they wrote.
      if (!(error instanceof Overtaken)) throw error;
    }
  }
}
