import type { RequirementId } from "../plan/model.ts";
import type { LedgerKind, LedgerRow, Topic } from "./model.ts";

/** Somewhere in this repository. */
export const at = (id: RequirementId, kind: LedgerKind, what: string, place: string): LedgerRow => ({
  id,
  kind,
  what,
  target: { at: place },
});

export const waits = (id: RequirementId, kind: LedgerKind, waitsFor: Topic, what: string): LedgerRow => ({
  id,
  kind,
  what,
  target: { waitsFor },
});

export const notNeeded = (id: RequirementId, what: string, because: string): LedgerRow => ({
  id,
  kind: "not applicable",
  what,
  target: { because },
});
