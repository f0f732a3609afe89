import type { KubeObject } from "../kube-object.ts";
import { parseJsonPath } from "./json-path.ts";
import { type Await, condition, explainCondition, hasCondition, ready, waiting } from "./readiness.ts";

/** One clause of the annotation: does it hold, and if not, what is there instead. */
interface Clause {
  expression: string;
  holds(object: KubeObject): boolean;
  found(object: KubeObject): string;
}

const allowed = `"condition=Type", "condition=Type=Status", "jsonpath={.path}", "jsonpath={.path}=value" or a JSON list of these`;

/** Reads the annotation `pulumi.com/waitFor`, which replaces what the kind itself would be waited for. */
export function parseWaitFor(annotation: string): Await {
  const clauses = expressionsOf(annotation).map(parseClause);
  return {
    timeoutSeconds: 600,
    check(object) {
      const open = clauses.filter((clause) => !clause.holds(object));
      if (open.length === 0) return ready;
      return waiting(
        open.map((clause) => `${clause.expression} does not hold yet (${clause.found(object)})`).join("; "),
      );
    },
  };
}

function expressionsOf(annotation: string): string[] {
  if (!annotation.trimStart().startsWith("[")) return [annotation.trim()];
  const list: unknown = JSON.parse(annotation);
  if (Array.isArray(list) && list.length > 0 && list.every((each) => typeof each === "string")) return list;
  throw new Error(`pulumi.com/waitFor: ${annotation} is not a list of texts; allowed are ${allowed}`);
}

function parseClause(expression: string): Clause {
  const conditionForm = /^condition=([^=]+)(?:=(.+))?$/.exec(expression);
  if (conditionForm) return conditionClause(expression, conditionForm[1]!, conditionForm[2] ?? "True");
  const pathForm = /^jsonpath=(\{.*?\}|[^={}]+)(?:=(.*))?$/.exec(expression);
  if (pathForm) return pathClause(expression, pathForm[1]!, pathForm[2]);
  throw new Error(`pulumi.com/waitFor: can't read "${expression}"; allowed are ${allowed}`);
}

function conditionClause(expression: string, type: string, status: string): Clause {
  return {
    expression,
    holds: (object) => hasCondition(object, type, capitalized(status)),
    found(object) {
      const held = condition(object, type);
      return held === undefined ? "there is no such condition" : `${held.status}, ${explainCondition(held)}`;
    },
  };
}

function pathClause(expression: string, path: string, wanted: string | undefined): Clause {
  const follow = parseJsonPath(path);
  const texts = (object: KubeObject) =>
    follow(object).map((value) => (typeof value === "object" ? JSON.stringify(value) : String(value)));
  const expected = wanted?.replace(/^"(.*)"$|^'(.*)'$/, "$1$2");
  return {
    expression,
    holds: (object) => texts(object).some((value) => expected === undefined || value === expected),
    found: (object) => texts(object).join(", ") || "there is nothing",
  };
}

function capitalized(status: string): string {
  return status.charAt(0).toUpperCase() + status.slice(1).toLowerCase();
}
