import type { Bucket } from "../postgres/bucket.ts";
import type { MonitoringConfig } from "./monitoring.ts";

export const environments = ["staging", "production", "rehearsal"] as const;
export type Environment = (typeof environments)[number];

export const layers = ["platform", "systems"] as const;
export type Layer = (typeof layers)[number];

export const ladders = ["normal", "expedited"] as const;
export type LadderName = (typeof ladders)[number];

/** What the config of one stack says, checked against the plans: plain values, nothing left to interpret. */
export interface StackConfig {
  environment: Environment;
  layer: Layer;
  scale: Scale;
  /** Of the platform layer: the Secret with the gateway's certificate; without it users come by plain HTTP. */
  certificate?: string;
  /** Of the platform layer: systems that are coming or leaving, with the other namespace that may serve their hosts. */
  handover: Readonly<Record<string, string>>;
  /** Of the platform layer; where it is left out, nothing is measured. */
  monitoring?: MonitoringConfig;
  /** With what the database is moved, the same on both layers; where it is left out, nothing of it is deployed. */
  database?: DatabaseConfig;
  /** By system name, in the order of the config. A system that is absent isn't deployed in this stack. */
  systems: Readonly<Record<string, SystemConfig>>;
}

export interface DatabaseConfig {
  /** The image of the one that moves the lead from cluster to cluster, by digest. */
  cutover: string;
  /** The Secret with the certificate of both clusters. */
  certificate: string;
  /** Where both clusters keep their backups, each in a folder of its own; left out, each has a volume for them. */
  bucket?: ConfiguredBucket;
}

/** Without a role, which would have to name one cluster: here each image is another one. */
export type ConfiguredBucket = Omit<Bucket, "role">;

/** How much faster and smaller than written in the plans; 1 and 1 where nothing is scaled. */
export interface Scale {
  time: number;
  size: number;
}

export interface SystemConfig {
  /** What everyone had before. */
  stable: string;
  /** What is being rolled out; equal to stable when settled. */
  artifact: string;
  /** The ceiling of exposure. */
  percent: number;
  settled: boolean;
  /** Filled in where the config leaves it out; undefined only when settled. */
  phase: string | undefined;
  ladder: LadderName;
  /** 0 unless the same artifact is tried again after an abort. */
  retry: number;
  reason: string | undefined;
  hold: boolean;
  extendDays: number;
  excludeNodes: readonly string[];
  expectedRps: number | undefined;
  decommission: boolean;
}

/** The plans are written for these two; a rehearsal walks production's phases. */
export function planEnvironment(environment: Environment): "staging" | "production" {
  return environment === "staging" ? "staging" : "production";
}
