import type { Exposure } from "../exposure/exposure.ts";
import type { Phase } from "../plan/model.ts";
import type { Series } from "../statistics/windows.ts";
import type { Abort, Outcome, Pass, RolloutSpec, RolloutStatus } from "../transitions/model.ts";

/** What was counted, by series; see `series.ts` for their names. */
export type SeriesByName = Readonly<Record<string, Series>>;

export interface DatedPass extends Pass {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Digest of the record that it rests on; where it was restored, the head of the log. */
  readonly evidence?: string | undefined;
}

export interface DatedAbort extends Abort {
  /** Absent while it is only a person's wish. */
  readonly at?: string | undefined;
}

export interface Verdict {
  readonly outcome: Outcome;
  readonly reason?: string | undefined;
  readonly since?: string | undefined;
}

/** A Rollout's status as far as the analyzer builds on what was written before. */
export interface KnownStatus extends RolloutStatus {
  readonly phase?: string | undefined;
  readonly phaseStartedAt?: string | undefined;
  readonly passed: readonly DatedPass[];
  readonly aborted?: DatedAbort | undefined;
  readonly windows?: SeriesByName | undefined;
  readonly verdict?: Verdict | undefined;
}

/** All of a status, as it is written. */
export interface AnalyzerStatus extends KnownStatus {
  readonly observedGeneration: number;
  readonly artifact: string;
  readonly effective: Exposure;
  readonly effectivePercent: number;
  readonly complete: boolean;
}

export interface Watched {
  readonly spec: RolloutSpec;
  readonly status: KnownStatus;
  readonly generation: number;
}

/** Everything that one look at a system has shown. */
export interface Seen {
  /** Seconds since 1970, by the API server's clock. */
  readonly now: number;
  /** What the data plane is told to give each segment. */
  readonly effective: Exposure;
  /** The data plane says that it does so. */
  readonly isProgrammed: boolean;
  /** Copies of requests go to the canary. */
  readonly isMirrored?: boolean | undefined;
  /** The current phase as the plan has it; undefined where nobody knows its digest. */
  readonly phase: Phase | undefined;
  /** Newly counted, of the current phase. */
  readonly windows: SeriesByName;
  /** Gauges as they are now, by name. */
  readonly readings: Readonly<Record<string, number>>;
  /** Figures on record, by metric and what they are of: `latency-p99 recorded`. */
  readonly baselines: Readonly<Record<string, number>>;
  /** Items without which the phase can't pass. */
  readonly missingEvidence: readonly string[];
  /** Criteria whose open end somebody has accepted by signature. */
  readonly accepted: readonly string[];
  /** Head of the log by which the current phase passed in a cluster that was lost. */
  readonly restored?: string | undefined;
  /** Criteria about figures that people report are left out: a rehearsal asks nobody. */
  readonly isRehearsal: boolean;
  /** Why nothing could be measured, if so. */
  readonly blind?: string | undefined;
}

export const instantOf = (seconds: number): string => new Date(seconds * 1000).toISOString();
export const secondsOf = (instant: string): number => Date.parse(instant) / 1000;
