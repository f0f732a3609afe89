import type { LogState } from "../evidence/log.ts";
import type { LiveRollout, Pass } from "./model.ts";
import { type Judgement, type Reason, when } from "./reason.ts";

/** How the verified evidence log of a rollout ends. */
export type LogEnd = Pick<LogState, "artifact" | "revision" | "passed" | "aborted">;

/**
 * The passes that a rebuilt cluster gets back: only into an empty status, only for what was running, and only up to
 * the first gap. The climb itself stays one phase per `up`.
 */
export function restorePasses(live: LiveRollout, end: LogEnd): Judgement & { passed: readonly Pass[] } {
  const { spec } = live;
  const reasons = againstRestoring(live, end);
  const names = spec.phases.map(({ name }) => name);
  const gap = names.findIndex((name) => !end.passed.includes(name));
  const passed = names
    .slice(0, gap < 0 ? names.length : gap)
    .map((phase) => ({ phase, revision: spec.revision, attempt: spec.attempt }));
  return { tried: `${spec.system}: restore`, reasons, passed: reasons.length === 0 ? passed : [] };
}

function againstRestoring({ spec, status }: LiveRollout, end: LogEnd): Reason[] {
  const isEmpty = status.passed.length === 0 && status.aborted === undefined;
  const differing = (["artifact", "revision"] as const).filter((key) => spec[key] !== end[key]);
  return [
    ...when(!isEmpty, "empty-status", "the Rollout already has a history of its own", "let it go on from there"),
    ...when(
      differing.length > 0,
      "same-rollout",
      `the evidence is for another ${differing.join(" and ")}`,
      "put back what was running, or start at the first phase",
    ),
    ...when(end.aborted !== undefined, "not-aborted", "the evidence ends with an abort", "land a new attempt instead"),
  ];
}
