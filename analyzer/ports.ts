import type { LiveObject, LiveSystems } from "../live/model.ts";
import type { Evidence } from "../rollout/evidence/evidence-file.ts";
import type { Statement } from "../rollout/evidence/statement.ts";
import type { SignedFiles } from "../rollout/guard/approvals.ts";
import type { DrainAction } from "../rollout/transitions/model.ts";
import type { Sample } from "../rollout/verdict/answers.ts";
import type { AnalyzerStatus, DatedAbort, Seen, Verdict } from "../rollout/verdict/model.ts";
import type { PhaseRecord } from "../rollout/verdict/record.ts";
import type { Scene } from "../rollout/verdict/scene.ts";
import type { StoredLog } from "./attempt-log.ts";

/** What the analyzer knows of the world comes through here, so that tests can offset and cut each of it. */
export interface Ports {
  readonly clock: Clock;
  readonly cluster: ClusterPort;
  readonly evidence: EvidencePort;
  /** Every replica by itself: one may be reading back its log. */
  readonly prometheuses: readonly PrometheusPort[];
  readonly log: Log;
  /** Without it passes aren't signed, and no other stack believes them. */
  readonly signer?: Signer | undefined;
}

/** Seconds since 1970, as the API server counts them. */
export interface Clock {
  now(): number;
}

export interface PrometheusPort {
  /** Rejects when there is no answer, or a wrong one. */
  now(query: string): Promise<readonly Sample[]>;
  minutes(query: string, from: number, through: number): Promise<readonly Sample[]>;
}

/** The proxy's own counters, since each of its replicas started. */
export interface ProxyPort {
  /** Rejects when no replica answers. */
  counts(): Promise<readonly ProxyCount[]>;
}

export interface ProxyCount {
  readonly replica: string;
  readonly system: string;
  readonly track: "canary" | "stable";
  /** Of the track's Service; it tells segments apart. */
  readonly port: number;
  readonly requests: number;
  readonly failed: number;
}

/** What the data plane is told, and whether it has heard it. */
export type Exposed = Pick<Seen, "effective" | "isProgrammed" | "isMirrored">;

/** A write that was overtaken by another. */
export class Overtaken extends Error {}

export interface ClusterPort {
  /** Undefined where the platform isn't there yet. */
  systems(): Promise<LiveSystems | undefined>;
  rollout(namespace: string): Promise<LiveObject | undefined>;
  /** Undefined where the system's exposure can't be read from an object. */
  exposed(namespace: string, rollout: LiveObject): Promise<Exposed | undefined>;
  /** Rejects with `Overtaken` when the object is no longer the one that was read. */
  writeStatus(namespace: string, read: LiveObject, status: AnalyzerStatus): Promise<void>;
  /** As `writeStatus`, but nothing else than that the attempt is over. */
  latch(namespace: string, read: LiveObject, aborted: DatedAbort, verdict: Verdict): Promise<void>;
  /** What went wrong, action by action; empty when everything was done. */
  drain(namespace: string, actions: readonly DrainAction[]): Promise<string[]>;
  /** Whether stable runs this everywhere. */
  runsEverywhere(namespace: string, system: string, artifact: string): Promise<boolean>;
  recordSettled(namespace: string, settled: { artifact: string; attempt: number; at: string }): Promise<void>;
  /** Evidence that lies in the system's namespace; without the clock, which is the analyzer's. */
  signed(namespace: string): Promise<Omit<SignedFiles, "clock" | "stack">>;
  /** Empty where there is none yet. */
  readLog(system: string, attempt: number): Promise<StoredLog>;
  /** Gives the new version; rejects with `Overtaken` when it isn't the log that was read. */
  writeLog(system: string, attempt: number, log: StoredLog): Promise<string>;
  /** Said once for each name, whoever says it first. */
  tell(namespace: string, event: Told): Promise<void>;
}

/** Where it is kept how an attempt went, beside its log. */
export interface EvidencePort {
  /** What is there already is the same. */
  keep(record: PhaseRecord, signed?: Evidence): Promise<void>;
  /** What can't be seen is said in it; never rejects. */
  scene(namespace: string, rollout: LiveObject): Promise<Scene>;
}

/** Vouches for what the analyzer says, where others have to believe it. */
export interface Signer {
  readonly principal: string;
  sign(statement: Statement): Evidence;
}

export interface Told {
  readonly name: string;
  readonly reason: string;
  readonly message: string;
  readonly isWarning: boolean;
}

export type Log = (level: "info" | "warn" | "error", message: string, more?: Readonly<Record<string, unknown>>) => void;

export const complain = ({ log }: Pick<Ports, "log">, message: string, error: unknown): void =>
  log("error", message, { error: (error as Error).message });
