import type { PlainResource } from "../baseline/model.ts";
import type { AllowedSigner } from "../evidence/allowed-signers.ts";
import { type EvidenceFile, meets } from "../evidence/required.ts";
import type { Clock } from "../evidence/verify.ts";
import { toSeconds } from "../plan/duration.ts";
import type { Plan } from "../plan/model.ts";
import type { Role } from "../plan/roles.ts";
import type { ReadinessClass, ReadinessItem } from "../readiness/model.ts";
import type { RolloutSpec } from "../transitions/model.ts";
import { declared } from "./declared.ts";
import { planned } from "./planned.ts";

export interface ItemVerdict {
  item: ReadinessItem;
  isMet: boolean;
  /** Looked at by a rule, as far as this stack shows it. */
  byRule: boolean;
  /** Who can mend it; nobody where it's in the plan or the resources. */
  role: Role | undefined;
  /** What is wrong, the first thing first; empty where something is only missing. */
  problems: readonly string[];
}

/** What the items of a phase are held against. */
export interface Subject {
  plan: Plan;
  spec: RolloutSpec;
  stack: string;
  phase: string;
  /** When the phase began, where users are in it: what was measured before says nothing about it. */
  startedAt: number | undefined;
  /** Of the system itself, in its own stack; only items about them look at it. */
  resources: readonly PlainResource[];
  files: readonly EvidenceFile[];
  signers: readonly AllowedSigner[];
  clock: Clock;
}

/** Signs what a rule should decide and none does yet. */
const standIn: { role: Role; validity: "30d" } = { role: "platform-engineering", validity: "30d" };

const hasRule = ({ id }: ReadinessItem): boolean => Object.hasOwn(planned, id) || Object.hasOwn(declared, id);

/** Items that need a look at the system's resources, all of them. */
export const needsResources = ({ id }: ReadinessItem): boolean => Object.hasOwn(declared, id);

export function judgeItem(item: ReadinessItem, subject: Subject): ItemVerdict {
  const rule = hasRule(item) ? ruleVerdict(item, subject) : undefined;
  const { class: first, and, or } = item;
  const role = item.role ?? (rule ? undefined : standIn.role);
  if (first !== "D") return { item, byRule: false, role, ...signedVerdict(item, role!, subject) };
  if (!rule) return { item, byRule: false, role, ...signedVerdict(item, role!, subject) };
  if (rule.length > 0 && !or) return { item, isMet: false, byRule: true, role: undefined, problems: rule };
  if (rule.length === 0 && !and) return { item, isMet: true, byRule: true, role: undefined, problems: [] };
  return { item, byRule: true, role, ...signedVerdict(item, role!, subject) };
}

function ruleVerdict({ id }: ReadinessItem, { plan, resources }: Subject): string[] {
  const said = planned[id]?.(plan) ?? declared[id]?.({ plan, resources });
  return said === undefined ? [] : [`${id}: ${said}`];
}

/** A report, a drill or a training outlives an attempt; an approval and what was measured don't. */
const outlivesAttempt = ({ evidence }: ReadinessItem): boolean =>
  ["report", "drill", "statement", "policy"].includes(evidence);

function signedVerdict(item: ReadinessItem, role: Role, subject: Subject): { isMet: boolean; problems: string[] } {
  const { spec, stack, phase, startedAt, files, signers, clock } = subject;
  const about = files.filter(({ text }) => text.includes(item.id));
  const isBound = !outlivesAttempt(item);
  const requirement = {
    ...{ system: spec.system, stack, artifact: spec.artifact, phase, items: [item.id], approvals: [[role]] },
    revision: isBound ? spec.revision : undefined,
    planDigest: isBound ? spec.planDigest : undefined,
    attempt: isBound ? spec.attempt : undefined,
    longestLife: toSeconds(item.validity ?? standIn.validity),
    notApplicable: true,
    ...(item.evidence === "measurement" && startedAt !== undefined ? { windowAfter: startedAt } : {}),
  };
  const { met, refusals } = meets(requirement, about, signers, clock);
  return { isMet: met, problems: refusals.filter(({ code }) => code !== "missing").map(({ message }) => message) };
}

export const classOf = ({ item, byRule }: ItemVerdict): ReadinessClass =>
  item.class === "D" && !byRule ? "P" : item.class;
