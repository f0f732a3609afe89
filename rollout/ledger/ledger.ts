import type { Plan, RequirementId } from "../plan/model.ts";
import type { ReadinessItem } from "../readiness/model.ts";
import { expectedIds } from "./expected.ts";
import type { LedgerKind, LedgerRow, Target } from "./model.ts";
import { seed0 } from "./seed-0.ts";
import { seed1 } from "./seed-1.ts";
import { seed2 } from "./seed-2.ts";
import { seed3 } from "./seed-3.ts";
import { seed4 } from "./seed-4.ts";

const written: readonly LedgerRow[] = [...seed0, ...seed1, ...seed2, ...seed3, ...seed4];

/**
 * One row per requirement. What was written down by hand comes first, then the closest place in a plan that cites it,
 * then the checklist item that asks for it. One that is nowhere has no row, and `checkLedger` says so.
 */
export function ledger(plans: readonly Plan[], items: readonly ReadinessItem[]): LedgerRow[] {
  const cited = plans.flatMap(citations);
  const candidates: readonly LedgerRow[] = [
    ...written,
    ...closeness.flatMap((isClose) => cited.filter(({ path }) => isClose(path))).map(({ row }) => row),
    ...items.flatMap(checklistRows),
    ...cited.map(({ row }) => row),
  ];
  const first = new Map<string, LedgerRow>();
  for (const row of candidates) if (!first.has(row.id)) first.set(row.id, row);
  return expectedIds.flatMap((id) => first.get(id) ?? []);
}

const checklistRows = (item: ReadinessItem): LedgerRow[] =>
  item.requirements.map((id) => ({
    id,
    kind: "checklist item",
    what: item.what,
    target: { at: `${readinessFile(item)}#${item.id}` },
  }));

export interface LedgerProblem {
  id: string;
  message: string;
}

/** What is wrong with the rows; `exists` looks whether a place is there. */
export function checkLedger(rows: readonly LedgerRow[], exists: (place: string) => boolean): LedgerProblem[] {
  const missing = expectedIds.filter((id) => !rows.some((row) => row.id === id));
  const gone = rows.filter(({ target }) => "at" in target && !exists(target.at));
  const twice = rows.filter(({ id }, index) => rows.findIndex((row) => row.id === id) !== index);
  const unknown = rows.filter(({ id }) => !expectedIds.includes(id));
  return [
    ...missing.map((id) => ({ id, message: "has no row: no plan cites it, no checklist item asks for it" })),
    ...gone.map(({ id, target }) => ({ id, message: `points to ${describe(target)}, which isn't there` })),
    ...twice.map(({ id }) => ({ id, message: "has more than one row" })),
    ...unknown.map(({ id }) => ({ id, message: "is in no catalogue" })),
  ];
}

export const describe = (target: Target): string =>
  "at" in target ? target.at : "waitsFor" in target ? `waits for ${target.waitsFor}` : target.because;

type Path = readonly string[];

/** Places that only say "see the checklist", or when to look, are farther away than the checklist itself. */
const isPointer = (path: Path): boolean =>
  path.includes("requires") || (path[0] === "validations" && path.length === 2);
const isOn = (path: Path, environment: string, ladder: string): boolean =>
  path[0] === "ladders" && path[1] === environment && path[2] === ladder;

/** Which of several places in a plan is the one to show, closest first. */
const closeness: readonly ((path: Path) => boolean)[] = [
  ([part]) => part === "alerts",
  (path) => isOn(path, "production", "normal") && !isPointer(path),
  (path) => path[0] !== "ladders" && path.length > 0 && !isPointer(path),
  (path) => isOn(path, "staging", "normal") && !isPointer(path),
  (path) => path.length === 0,
];

const kindByList: Readonly<Record<string, LedgerKind>> = {
  alerts: "alert",
  triggers: "alert",
  responses: "runbook",
};

/** Every place in a plan that cites a requirement; a place is named by names, not by positions. */
function citations(plan: Plan): { path: Path; row: LedgerRow }[] {
  const found: { path: Path; row: LedgerRow }[] = [];
  const visit = (value: unknown, path: Path): void => {
    if (typeof value !== "object" || value === null) return;
    const { requirements } = value as { requirements?: readonly RequirementId[] };
    const kind = kindByList[path.at(-2) ?? ""] ?? "plan field";
    const target = { at: `stacks/systems/${plan.system}/plan.ts#${path.join("/")}` };
    for (const id of requirements ?? [])
      found.push({ path, row: { id, kind, what: wordsFor(value, path, plan), target } });
    const names = Array.isArray(value) ? namesOf(value) : Object.keys(value);
    for (const [index, child] of Object.values(value).entries()) {
      if (names[index] !== "requirements") visit(child, [...path, names[index]!]);
    }
  };
  visit(plan, []);
  return found;
}

const nameKeys = ["id", "name", "title", "role", "anyOf", "issue", "system", "need", "period", "metric", "what"];

/** What elements of a list call themselves; those that don't, or not by themselves, go by their position. */
export function namesOf(list: readonly unknown[]): string[] {
  const names = list.map((value) => {
    const one = (value ?? {}) as Record<string, unknown>;
    return nameKeys
      .map((key) => (Array.isArray(one[key]) ? one[key].join("-or-") : one[key]))
      .find((name) => name !== undefined);
  });
  return names.map((name, index) =>
    typeof name === "string" && names.indexOf(name) === names.lastIndexOf(name) ? name : String(index),
  );
}

function wordsFor(value: object, path: Path, plan: Plan): string {
  const { metric, op, value: limit, what, title, signal, issue } = value as Record<string, unknown>;
  if (metric !== undefined) return [metric, op, limit].filter((part) => part !== undefined).join(" ");
  const words = what ?? title ?? signal ?? issue ?? path.slice(-2).join(" ");
  return typeof words === "string" && words !== "" ? words : plan.title;
}

function readinessFile({ systems }: ReadinessItem): string {
  const [system] = systems;
  const isSix = system?.startsWith("dwcp-") && system !== "dwcp-v3";
  return `rollout/readiness/${isSix ? "dwcp" : system}.ts`;
}
