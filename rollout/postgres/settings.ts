/** What a cluster of PostgreSQL is asked to be; everything else follows from this. */
export interface ClusterRequest {
  /** The cluster's name, in its objects, its lock and its backups. */
  readonly scope: string;
  readonly namespace: string;
  readonly members: number;
  /** The database itself, as it has to fit with its WAL into one volume. */
  readonly dataMiB: number;
  readonly volumeMiB: number;
  readonly memoryMiB: number;
  readonly cpuMillis: number;
  readonly timings: Timings;
  /** How a pod that no longer answers leaves the Service of the leader. */
  readonly readiness: { readonly periodSeconds: number; readonly failureThreshold: number };
  readonly postgresVersion: number;
  /** The version that runs, if any does. */
  readonly runningVersion?: number;
  readonly hostAliases: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
}

/** How long a leader's lock lives, how often it is renewed, and how long a renewal may be tried; seconds. */
export interface Timings {
  readonly ttl: number;
  readonly loopWait: number;
  readonly retryTimeout: number;
}

/** Those that the figures of the failover were measured with. */
export const defaultTimings: Timings = { ttl: 20, loopWait: 5, retryTimeout: 5 };
export const defaultReadiness = { periodSeconds: 2, failureThreshold: 3 };
