import { Migration } from "../components/postgres/migration.ts";
import type { RolloutArgs } from "../components/rollout.ts";
import type { LiveSystem } from "../live/model.ts";
import { planEnvironment, type StackConfig } from "../rollout/config/model.ts";
import { cap } from "../rollout/exposure/exposure.ts";
import { ladderNamed, phasesOf } from "../rollout/plan/ladder.ts";
import type { Plan } from "../rollout/plan/model.ts";
import { declaredAt, wayBackHoursAt } from "../rollout/postgres/migration.ts";
import { currentAbort, hasPassed, isSettled } from "../rollout/transitions/model.ts";
import { databaseAt } from "./systems/distributed-postgres/index.ts";

/** Whether this stack has the database itself, and not only its Rollout. */
export const hasDatabase = ({ database }: StackConfig, { adapter }: Plan): boolean =>
  database !== undefined && adapter.kind === "database-migration";

/** The two clusters as the phase wants them, or less after an abort. */
export function deployDatabase(
  stack: StackConfig,
  plan: Plan,
  rollout: RolloutArgs,
  known: LiveSystem | undefined,
): void {
  const { spec } = rollout;
  const { database, scale, environment } = stack;
  const settled = isSettled(spec);
  const phase = spec.phases.find(({ name }) => name === spec.phase);
  const abort = known?.rollout && currentAbort({ ...known.rollout, spec });
  const exposure = settled ? {} : cap({ settled, phase: phase?.exposure ?? {}, abortedTo: abort?.to });
  const isExposed = Object.values(exposure).some((percent) => percent > 0);
  const ladder = phasesOf(plan, planEnvironment(environment), ladderNamed(spec.ladder));
  const args = {
    rollout,
    declared: declaredAt(ladder, { name: spec.phase ?? "", isExposed, isRetry: spec.retry > 0 }),
    cluster: databaseAt(scale.size, database!),
    cutoverImage: database!.cutover,
    wayBackHours: wayBackHoursAt(scale.time),
  };
  const last = spec.phases.at(-1)!.name;
  const mayGo = !settled && spec.phase === last && known?.rollout !== undefined && hasPassed(known.rollout, last);
  new Migration(plan.system, args, { mayGo });
}
