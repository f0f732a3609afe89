import type { LedgerRow } from "./model.ts";
import { at, notNeeded, waits } from "./rows.ts";

/** Batch patches: what is neither a figure in the plan nor a line of the checklists. */
export const seed2: readonly LedgerRow[] = [
  waits("S2-002", "policy", "policies", "nothing that serves is replaced or deleted"),
  waits("S2-025", "resource", "adapters", "load balancer between legacy and new"),
  at(
    "S2-027",
    "rule",
    "a user always gets the same answer, and keeps it as the percent grows",
    "rollout/assignment/bucket.ts",
  ),
  waits("S2-028", "resource", "flags", "no flag, no answer: legacy"),
  waits("S2-029", "resource", "adapters", "nginx splits by user"),
  waits("S2-031", "resource", "systems", "legacy and new scale on their own"),
  waits("S2-040", "probe", "probes", "synthetic load with known patches"),
  waits("S2-041", "runbook", "docs", "what to look for in the logs of wave 1"),
  at("S2-056", "resource", "both tracks in every panel", "dashboards/batch-patches-v1-0-0-rollout.json"),
  at("S2-094", "runbook", "continue, rollback, pause", "cli/commands/promote.ts"),
  waits("S2-107", "runbook", "docs", "stop the service, if the flag fails"),
  waits("S2-108", "runbook", "docs", "flush its own Redis index, if the flag fails"),
  waits("S2-109", "runbook", "docs", "restore a snapshot by its time, if the flag fails"),
  waits("S2-110", "probe", "probes", "the legacy system answers"),
  waits("S2-112", "resource", "systems", "two instances in two zones"),
  waits("S2-113", "resource", "systems", "50 GB of encrypted disk for snapshots"),
  waits("S2-114", "resource", "systems", "100 GB bucket for backups, private, versioned"),
  notNeeded("S2-116", "monitoring costs nothing", "it is there already; what it costs is not part of this rollout"),
  waits("S2-144", "runbook", "docs", "failure model, alerting, overview, API"),
];
