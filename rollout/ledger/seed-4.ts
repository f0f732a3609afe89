import type { LedgerRow } from "./model.ts";
import { at, waits } from "./rows.ts";

/** DWCP v3: what is neither a figure in the plan nor a line of the checklists. */
export const seed4: readonly LedgerRow[] = [
  waits("S4-006", "resource", "flags", "the flag, created and changed by its API"),
  waits("S4-007", "probe", "flags", "the flag is read back"),
  waits("S4-008", "probe", "flags", "detailed health is read"),
  at("S4-009", "rule", "nodes can be left out", "rollout/assignment/cohort.ts"),
  waits("S4-010", "policy", "policies", "the token is a secret everywhere"),
  at("S4-013", "rule", "one or two nodes of every datacenter", "rollout/assignment/cohort.ts"),
  at("S4-015", "rule", "all kinds of workloads", "rollout/assignment/cohort.ts"),
  at("S4-101", "resource", "critical pages, warning goes to Slack", "rollout/monitoring/alertmanager-config.ts"),
  waits("S4-117", "runbook", "cli", "the column of actual figures is filled at the end of a phase"),
  at("S4-124", "rule", "a phase can be extended by days", "rollout/config/model.ts"),
  at("S4-125", "rule", "a rollout can be held where it is", "rollout/config/model.ts"),
  at("S4-126", "rule", "after an abort only from the first phase", "rollout/transitions/landing.ts"),
];
