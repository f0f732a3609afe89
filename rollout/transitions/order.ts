import type { TransitionKind } from "./classify.ts";

/** The parts of a system that an `up` touches, one after the other. */
export type Part = "rollout" | "stable" | "canary" | "route";

/** What decides about the order, known before anything is written. */
export interface Move {
  kind: TransitionKind;
  settled: boolean;
  /** Somebody is on the canary when all is done. */
  hasCanaryUsers: boolean;
}

/**
 * Up: first what is allowed, then pods that can take the users, then the users. Down: the users first, waiting for
 * nobody. Pods of a track that gets nobody change last, when the last user has gone.
 */
export function orderOf({ kind, settled, hasCanaryUsers }: Move): readonly Part[] {
  if (kind === "undo-settle") return ["rollout", "canary", "route", "stable"];
  if (kind === "down") return ["route", "rollout", "stable", "canary"];
  return hasCanaryUsers && !settled
    ? ["rollout", "stable", "canary", "route"]
    : ["rollout", "stable", "route", "canary"];
}

/** Whether the update waits until the analyzer has seen it: only where it may be alive and users are at stake. */
export const waitsForAnalyzer = (kind: TransitionKind): boolean => kind === "advance" || kind === "settle";
