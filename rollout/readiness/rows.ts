import type { Duration } from "../plan/duration.ts";
import type { RequirementId } from "../plan/model.ts";
import type { Role } from "../plan/roles.ts";
import type { SystemName } from "../plan/systems.ts";
import type { EvidenceKind, ReadinessClass, ReadinessItem } from "./model.ts";

/** `D+P`: both. `P/A`: the first, or else the second. */
type Classes = ReadinessClass | `${ReadinessClass}+${ReadinessClass}` | `${ReadinessClass}/${ReadinessClass}`;

interface Extra {
  by?: Role;
  evidence?: EvidenceKind;
  valid?: Duration;
  systems?: readonly SystemName[];
}

export type Row = readonly [
  id: string,
  classes: Classes,
  what: string,
  requirements: RequirementId | readonly [RequirementId, ...RequirementId[]],
  extra?: Extra,
];

/** A test report on this very artifact. */
export const report = (valid: Duration = "30d"): Extra => ({ evidence: "report", valid });
/** Somebody has really done it. */
export const drill = (valid: Duration = "90d"): Extra => ({ evidence: "drill", valid });
/** Bound to one step, so it is short-lived. */
export const approval = (by: Role, valid: Duration = "7d"): Extra => ({ evidence: "approval", by, valid });
export const statement = (by: Role, valid: Duration = "30d"): Extra => ({ evidence: "statement", by, valid });

const usual = {
  D: { evidence: "policy", valid: "1d" },
  P: { evidence: "measurement", valid: "1d" },
  A: { evidence: "statement", valid: "30d" },
} as const satisfies Record<ReadinessClass, Extra>;

/** Who signs in a system, unless the row says so itself. */
export interface Signers {
  systems: readonly SystemName[];
  measures: Role;
  attests: Role;
}

/** The rows of one phase, in full. */
export function items({ systems, measures, attests }: Signers, phase: string, rows: readonly Row[]): ReadinessItem[] {
  return rows.map(([id, classes, what, requirements, extra = {}]) => {
    const first = classes[0] as ReadinessClass;
    const second = classes[2] as ReadinessClass | undefined;
    const role = first === "A" || (first === "D" && second === "A") ? attests : measures;
    const pure = classes === "D";
    return {
      id,
      what,
      class: first,
      ...(second === undefined ? {} : classes[1] === "+" ? { and: second } : { or: second }),
      systems: extra.systems ?? systems,
      phase,
      requirements: typeof requirements === "string" ? [requirements] : requirements,
      evidence: extra.evidence ?? usual[first].evidence,
      ...(pure ? {} : { role: extra.by ?? role, validity: extra.valid ?? usual[first].valid }),
    };
  });
}
