import type { RequirementId } from "../plan/model.ts";

/** What makes a requirement hold. `rule`: a pure function. `probe`: something that goes and looks. */
export const ledgerKinds = [
  "plan field",
  "rule",
  "resource",
  "policy",
  "alert",
  "checklist item",
  "probe",
  "runbook",
  "not applicable",
] as const;
export type LedgerKind = (typeof ledgerKinds)[number];

/** Parts that are still to be built. */
export const topics = [
  "adapters",
  "analyzer",
  "cli",
  "docs",
  "flags",
  "platform",
  "policies",
  "postgres",
  "probes",
  "systems",
] as const;
export type Topic = (typeof topics)[number];

/** `at`: where it is, a file and perhaps a place in it. `waitsFor`: there is nothing yet. `because`: nothing is needed. */
export type Target = { at: string } | { waitsFor: Topic } | { because: string };

export interface LedgerRow {
  id: RequirementId;
  kind: LedgerKind;
  /** A few words of our own; the seed's are in its catalogue. */
  what: string;
  target: Target;
}
