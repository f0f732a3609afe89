import type { Duration } from "../plan/duration.ts";
import type { RequirementId } from "../plan/model.ts";
import type { Role } from "../plan/roles.ts";
import type { SystemName } from "../plan/systems.ts";

/** D: decided from the resources in a preview. P: proven by a probe or a report. A: attested by a person. */
export type ReadinessClass = "D" | "P" | "A";

export type EvidenceKind = "policy" | "measurement" | "report" | "drill" | "statement" | "approval";

/** One line of a seed's checklists. */
export interface ReadinessItem {
  /** As statements name it. */
  id: string;
  what: string;
  class: ReadinessClass;
  /** Needed beside it: what is declared also has to work. */
  and?: ReadinessClass;
  /** Good enough where the first can't be had. */
  or?: ReadinessClass;
  systems: readonly SystemName[];
  /** Phase of production or staging that can't pass without it, or the look back after 100 % that asks for it. */
  phase: string;
  requirements: readonly [RequirementId, ...RequirementId[]];
  evidence: EvidenceKind;
  /** Who signs; nobody where a policy decides alone. */
  role?: Role;
  /** How long a signature is worth something. */
  validity?: Duration;
}
