import type { LedgerRow } from "./model.ts";
import { at, notNeeded, waits } from "./rows.ts";

/** WDBX: what is neither a figure in its plan nor a line of its checklists. */
export const seed0: readonly LedgerRow[] = [
  at("S0-16", "resource", "staging is deployed by production's program", "stacks/systems.ts"),
  waits("S0-17", "resource", "adapters", "two colours on staging and a switch between them"),
  waits("S0-18", "probe", "probes", "soak of 24 h with 3,000 connections"),
  at("S0-19", "probe", "staging's Grafana answers", "rollout/monitoring/outside.ts"),
  at("S0-27", "resource", "a namespace of its own", "stacks/platform.ts"),
  at("S0-28", "resource", "the monitoring stack of production", "stacks/monitoring.ts"),
  at("S0-29", "resource", "least privilege, network policies, pod security", "components/system-namespace.ts"),
  at("S0-36", "resource", "the canary's deployment", "components/canary.ts"),
  waits("S0-39", "resource", "systems", "the canary logs and measures more"),
  waits("S0-41", "runbook", "docs", "how to watch the pods"),
  at("S0-70", "runbook", "rollback without leaving drift behind", "cli/commands/rollback.ts"),
  waits("S0-71", "resource", "adapters", "the emergency route, declared and off"),
  at("S0-73", "alert", "every alert links its dashboard and its runbook", "rollout/monitoring/labels.ts#guide"),
  waits("S0-74", "resource", "systems", "autoscaling and outlier detection"),
  at("S0-79", "resource", "tracing with Jaeger", "components/monitoring/telemetry/traces.ts"),
  at("S0-117", "rule", "no rise without room for both tracks", "rollout/arithmetic/capacity.ts"),
  notNeeded("S0-121", "benefits", "a summary of what the other requirements bring; there is nothing to check"),
];
