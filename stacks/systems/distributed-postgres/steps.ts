import { from } from "../../../rollout/plan/builders.ts";
import type { Plan, Step } from "../../../rollout/plan/model.ts";

export const preMigration: readonly Step[] = [
  { id: "snapshot", what: "snapshot production-pre-rollout", ...from("S3-079") },
  { id: "verify-backup", what: "the latest backup is whole", ...from("S3-080") },
  { id: "restore-to-staging", what: "production-pre-rollout comes up on staging", ...from("S3-081") },
  {
    id: "readiness",
    what: "all 77 items hold, else: BLOCKED: Fix readiness items before proceeding",
    ...from("S3-082"),
  },
  { id: "notice", what: "the window is announced and locked", ...from("S3-083") },
];

export const migration: readonly Step[] = [
  { id: "read-only-on", what: "default_transaction_read_only = on; a write fails", ...from("S3-085") },
  { id: "final-backup", what: "backup production-final-pre-migration", ...from("S3-086") },
  { id: "drain", what: "every backend but the cluster's own is ended", ...from("S3-087") },
  { id: "stop-application", what: "dpg_app at 0 replicas", ...from("S3-088") },
  { id: "deploy", what: "the new cluster comes up", ...from("S3-089") },
  { id: "validate", what: "the validation suite passes against production", ...from("S3-090") },
  { id: "read-only-off", what: "default_transaction_read_only = off", ...from("S3-091") },
  { id: "start-application", what: "dpg_app at 3 replicas", ...from("S3-092") },
];

export const verification: readonly Step[] = [
  { id: "health", what: "health checks of database and Patroni", ...from("S3-094") },
  { id: "smoke", what: "integration tests of the distributed cluster", ...from("S3-095") },
  { id: "benchmark", what: "benchmark, recorded as the baseline", ...from("S3-096") },
];

export const rollback: Plan["rollback"]["steps"] = [
  { id: "stop", what: "the new stack stops; its volumes stay", ...from("S3-106") },
  { id: "restore", what: "production-final-pre-migration is restored, writable again", ...from("S3-107") },
  { id: "start-old", what: "the old stack starts", ...from("S3-108") },
  { id: "validate", what: "health checks and the critical paths pass", ...from("S3-109") },
  { id: "traffic", what: "load balancer and DNS point to the old endpoints", ...from("S3-110") },
  { id: "count", what: "memory_entries has as many rows as at the final backup", ...from("S3-112") },
  { id: "replication", what: "one leader, every replica streams", ...from("S3-113") },
  { id: "write", what: "a row goes in and out again", ...from("S3-114") },
  { id: "notify", what: "Rollback complete. Incident report in progress.", ...from("S3-111") },
];
