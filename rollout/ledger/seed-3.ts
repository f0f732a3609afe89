import type { LedgerRow } from "./model.ts";
import { waits } from "./rows.ts";

/** The Postgres cluster: steps that the plan names and a Job has to do. */
export const seed3: readonly LedgerRow[] = [
  waits("S3-079", "resource", "postgres", "snapshot before anything moves"),
  waits("S3-080", "probe", "postgres", "the backup is whole"),
  waits("S3-081", "probe", "postgres", "it comes up on staging"),
  waits("S3-085", "resource", "postgres", "read-only, by Patroni; a write is tried and fails"),
  waits("S3-086", "resource", "postgres", "the final backup"),
  waits("S3-087", "resource", "postgres", "connections are drained"),
  waits("S3-088", "resource", "postgres", "the application stops"),
  waits("S3-089", "resource", "postgres", "the new cluster"),
  waits("S3-090", "probe", "postgres", "validation of the new cluster"),
  waits("S3-091", "resource", "postgres", "writes are allowed again, after validation only"),
  waits("S3-092", "resource", "postgres", "the application comes back with 3 replicas"),
  waits("S3-094", "probe", "postgres", "health of database and Patroni"),
  waits("S3-095", "probe", "postgres", "smoke tests"),
  waits("S3-096", "probe", "postgres", "benchmark as a baseline"),
  waits("S3-106", "resource", "postgres", "the new stack goes, its volumes stay"),
  waits("S3-107", "resource", "postgres", "the final backup is restored"),
  waits("S3-108", "resource", "postgres", "the old stack starts"),
  waits("S3-109", "probe", "postgres", "health and critical paths after the way back"),
  waits("S3-110", "resource", "postgres", "traffic goes to the old endpoints"),
  waits("S3-112", "probe", "postgres", "rows are counted and compared"),
  waits("S3-113", "probe", "postgres", "replication is healthy"),
  waits("S3-114", "probe", "postgres", "a row can be written"),
];
