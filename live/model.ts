import type { Exposure } from "../rollout/exposure/exposure.ts";
import type { LiveRollout, Outcome, SettledRecord } from "../rollout/transitions/model.ts";
import type { KnownStatus } from "../rollout/verdict/model.ts";

/** One system as the cluster has it now: plain values, read once. */
export interface LiveSystem {
  readonly namespace: string;
  /** Absent before the first install, and after the object was lost. */
  readonly rollout?: LiveObject;
  /** Outlives the Rollout. */
  readonly record?: SettledRecord;
  /** Plan digests that the platform lists; none where there is no plan object. */
  readonly listedPlans: readonly string[];
}

export interface LiveObject extends LiveRollout {
  readonly uid: string;
  readonly generation: number;
  readonly resourceVersion: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly status: LiveStatus;
}

/** What a person wants to see beside what decides about transitions. */
export interface LiveStatus extends KnownStatus {
  readonly effective?: Exposure | undefined;
  readonly effectivePercent?: number | undefined;
  readonly verdict?: {
    readonly outcome: Outcome;
    readonly reason?: string | undefined;
    readonly since?: string | undefined;
  };
  readonly complete: boolean;
}

/** One that has a Rollout. */
export type Installed = LiveSystem & { readonly rollout: LiveObject };

/** By system name. */
export type LiveSystems = Readonly<Partial<Record<string, LiveSystem>>>;

/** Set by a person (`rampart rollback`), with the attempt as its value: that attempt is over at once. */
export const abortAnnotation = "rampart.dev/abort";
