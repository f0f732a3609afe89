import { setTimeout as pause } from "node:timers/promises";
import { drainUntilDown, latch } from "../../live/abort.ts";
import { LiveError } from "../../live/live-error.ts";
import type { Ask } from "../../live/prometheus.ts";
import { inWords, toSeconds } from "../../rollout/plan/duration.ts";
import type { Plan } from "../../rollout/plan/model.ts";
import { drainActions } from "../../rollout/transitions/drain-actions.ts";
import { planRollback } from "../../rollout/transitions/rollback.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { CliError } from "../output.ts";
import type { Measured, Probe } from "./model.ts";

/** How a rehearsal of the way back went; times are seconds from the decision. */
export interface Rehearsal {
  /** Nobody could raise the attempt any more. */
  readonly latched: number;
  /** Every route was seen down. */
  readonly down: number | undefined;
  /** The canary's requests had ended; undefined where nobody counts them. */
  readonly silent: number | undefined;
  readonly problems: readonly string[];
}

export function judgeRehearsal(seen: Rehearsal, { exposureWithin, total }: Plan["rollback"]): Measured {
  const { latched, down, silent, problems } = seen;
  const within = (seconds: number | undefined, limit: string, allowed: number): string[] =>
    seconds === undefined || seconds <= allowed
      ? []
      : [`${seconds.toFixed(1)} s are more than the ${limit} that are allowed`];
  const faults = [
    ...problems,
    ...within(down, exposureWithin, toSeconds(exposureWithin)),
    ...within(silent, total, toSeconds(total)),
  ];
  const times = [
    `latched after ${latched.toFixed(2)} s`,
    down === undefined ? "never seen down" : `users back after ${down.toFixed(2)} s of ${exposureWithin}`,
    silent === undefined ? "requests weren't counted" : `no request left after ${silent.toFixed(1)} s of ${total}`,
  ];
  return {
    holds: down !== undefined && faults.length === 0,
    said: [...faults, ...times].join(", "),
    figures: {
      ...{
        "latched-s": Number(latched.toFixed(3)),
        "users-back-s": down === undefined ? "never" : Number(down.toFixed(3)),
      },
      "last-request-s": silent === undefined ? "not counted" : Number(silent.toFixed(1)),
    },
  };
}

/** The proxy is asked every second, so three of them see every request. */
const lastRequests = (system: string): string =>
  `sum(increase(envoy_cluster_upstream_rq_xx{system="${system}",track="canary"}[3s]))`;

/** Undefined where nobody counts; Infinity where they went on. */
async function silence(ask: Ask, system: string, since: () => number, forSeconds: number): Promise<number | undefined> {
  try {
    for (;;) {
      const [counted] = await ask(lastRequests(system));
      if (!counted) return undefined;
      if (counted.value === 0) return since();
      if (since() > forSeconds) return Number.POSITIVE_INFINITY;
      await pause(500);
    }
  } catch (error) {
    if (error instanceof LiveError) return undefined;
    throw error;
  }
}

const items = ["WDBX-GO-05", "WDBX-OPS-04", "DWCP-RUN-03", "DWCP-SCR-02", "BP-TEAM-05"];

export const rollbackProbe: Probe = {
  id: "rollback",
  what: "the way back, rehearsed and timed: latch, drain, until the canary has no request left",
  items,
  does: "ends the attempt that it is rehearsed with, and takes its users off the canary",
  async measure({ api, ask, plan, config, live, namespace, rollout }) {
    const { system } = plan;
    if (config.environment === "production")
      throw new CliError(
        "production is no place to rehearse the way back; do it in another stack, with --for production",
      );
    const { spec } = rollout;
    const exposed = spec.phases.find(({ name }) => name === spec.phase)?.percent ?? 0;
    const others = planRollback(system, "zero", plans, live).filter((one) => one.system !== system);
    if (exposed === 0) throw new CliError(`${system} has nobody on its canary, so there is no way back to rehearse`);
    if (others.length > 0)
      throw new CliError(`${others.map((one) => one.system).join(", ")} would go down too; rehearse those first`);
    const start = performance.now();
    const since = (): number => (performance.now() - start) / 1000;
    await latch(api, namespace, spec.attempt, "rehearsal of the way back");
    const latched = since();
    const actions = drainActions(spec, "zero");
    const { isDown, errors } = await drainUntilDown(api, namespace, actions);
    const down = isDown ? since() : undefined;
    const limit = toSeconds(plan.rollback.total);
    const silent = isDown ? await silence(ask, system, since, limit) : undefined;
    const problems = [
      ...(actions.length === 0 ? ["the Rollout has no drain actions"] : []),
      ...(isDown ? [] : errors),
      ...(silent === Number.POSITIVE_INFINITY ? [`the canary still had requests after ${inWords(limit)}`] : []),
    ];
    const seen = { latched, down, silent: silent === Number.POSITIVE_INFINITY ? limit : silent, problems };
    return [{ items, ...judgeRehearsal(seen, plan.rollback) }];
  },
};
