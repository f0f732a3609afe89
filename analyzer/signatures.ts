import type { LiveObject } from "../live/model.ts";
import type { Phase } from "../rollout/plan/model.ts";
import { acceptedCriteria, missingEvidence } from "../rollout/verdict/missing-evidence.ts";
import type { Seen } from "../rollout/verdict/model.ts";
import { restoredBy } from "../rollout/verdict/restored.ts";
import type { AttemptLogs } from "./attempt-log.ts";
import type { PlanBook } from "./plan-book.ts";
import type { Ports } from "./ports.ts";

/** What people have signed about a phase, as far as it bears on the verdict. */
export type Signed = Pick<Seen, "missingEvidence" | "accepted" | "restored">;

export const nobodyAsked: Signed = { missingEvidence: [], accepted: [] };

/** Seconds after which it is looked up again: people sign seldom, and to verify it costs more than the rest of a look. */
const every = 5;

/** What was signed for each Rollout; forgotten with every change of it. */
export class Signatures {
  readonly #ports: Pick<Ports, "cluster" | "clock">;
  readonly #plans: PlanBook;
  readonly #logs: AttemptLogs;
  readonly #stack: string;
  readonly #known = new Map<string, { resourceVersion: string; at: number; signed: Signed }>();

  constructor(ports: Pick<Ports, "cluster" | "clock">, plans: PlanBook, logs: AttemptLogs, stack: string) {
    this.#ports = ports;
    this.#plans = plans;
    this.#logs = logs;
    this.#stack = stack;
  }

  async of(namespace: string, rollout: LiveObject, phase: Phase): Promise<Signed> {
    const { resourceVersion, spec } = rollout;
    const at = this.#ports.clock.now();
    const before = this.#known.get(spec.system);
    if (before?.resourceVersion === resourceVersion && Math.abs(at - before.at) < every) return before.signed;
    const signed = await this.#read(namespace, rollout, phase);
    this.#known.set(spec.system, { resourceVersion, at, signed });
    return signed;
  }

  async #read(namespace: string, rollout: LiveObject, phase: Phase): Promise<Signed> {
    const plan = this.#plans.plan(rollout.spec.system);
    if (!plan) return { missingEvidence: ["the plan itself"], accepted: [] };
    const { cluster, clock } = this.#ports;
    try {
      const signed = { ...(await cluster.signed(namespace)), stack: this.#stack, clock: { now: clock.now() } };
      const accepted = acceptedCriteria(rollout, phase, signed);
      const restored = await restoredBy(rollout, signed, this.#logs.of(rollout.spec));
      return { missingEvidence: missingEvidence(rollout, plan, phase, signed), accepted, restored };
    } catch (error) {
      return unreadable(error as Error);
    }
  }
}

/** What can't be read proves nothing, and keeps nothing else from being seen. */
const unreadable = ({ message }: Error): Signed => ({
  missingEvidence: [`all that is signed: it can't be read (${message})`],
  accepted: [],
});
