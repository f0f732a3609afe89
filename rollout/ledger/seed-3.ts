import type { LedgerRow } from "./model.ts";
import { at, waits } from "./rows.ts";

/** The Postgres cluster: steps that the plan names and a Job has to do. */
export const seed3: readonly LedgerRow[] = [
  at("S3-079", "resource", "snapshot before anything moves", "components/postgres/backups.ts"),
  at("S3-080", "probe", "the backup is whole", "components/postgres/backups.ts"),
  at("S3-081", "probe", "it comes up, on a server of its own", "components/postgres/backups.ts"),
  at("S3-085", "resource", "nobody writes while the lead goes over", "live/cutover/pools.ts"),
  waits("S3-086", "resource", "postgres", "the final backup"),
  at("S3-087", "resource", "connections are drained", "live/cutover/pools.ts"),
  waits("S3-088", "resource", "postgres", "the application stops"),
  at("S3-089", "resource", "the new cluster", "components/postgres/migration.ts"),
  at("S3-090", "probe", "validation of the new cluster", "components/postgres/validation.ts"),
  at("S3-091", "resource", "writes are allowed again, after validation only", "live/cutover/main.ts"),
  waits("S3-092", "resource", "postgres", "the application comes back with 3 replicas"),
  waits("S3-094", "probe", "postgres", "health of database and Patroni"),
  waits("S3-095", "probe", "postgres", "smoke tests"),
  waits("S3-096", "probe", "postgres", "benchmark as a baseline"),
  waits("S3-106", "resource", "postgres", "the new stack goes, its volumes stay"),
  waits("S3-107", "resource", "postgres", "the final backup is restored"),
  at("S3-108", "resource", "the old cluster leads again", "components/postgres/lead.ts"),
  waits("S3-109", "probe", "postgres", "health and critical paths after the way back"),
  at("S3-110", "resource", "traffic goes to the old endpoints", "components/postgres/lead.ts"),
  waits("S3-112", "probe", "postgres", "rows are counted and compared"),
  at("S3-113", "probe", "replication is healthy", "rollout/monitoring/database-rules.ts"),
  waits("S3-114", "probe", "postgres", "a row can be written"),
];
