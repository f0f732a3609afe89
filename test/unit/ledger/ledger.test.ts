import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { expectedIds, requirementCounts } from "../../../rollout/ledger/expected.ts";
import { checkLedger, ledger, namesOf } from "../../../rollout/ledger/ledger.ts";
import type { LedgerRow } from "../../../rollout/ledger/model.ts";
import type { Plan } from "../../../rollout/plan/model.ts";
import { readinessItems } from "../../../rollout/readiness/readiness.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const root = new URL("../../../", import.meta.url);
const rows = ledger(plans, readinessItems);

/** Follows a place by names, as a reader would; undefined where the way ends. */
function follow(plan: Plan, path: string): unknown {
  return path.split("/").reduce<unknown>((value, step) => {
    if (Array.isArray(value)) return value[namesOf(value).indexOf(step)];
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[step] : undefined;
  }, plan);
}

const exists = (place: string): boolean => existsSync(new URL(place.split("#")[0]!, root));

const atOf = ({ target }: LedgerRow): string => ("at" in target ? target.at : "");

describe("requirement ledger", () => {
  it("expects 711 requirements, seed by seed", () => {
    assert.equal(expectedIds.length, 711);
    assert.deepEqual(
      requirementCounts.map(({ count }) => count),
      [121, 167, 144, 151, 128],
    );
    assert.equal(expectedIds[0], "S0-01");
    assert.equal(expectedIds.at(-1), "S4-128");
  });

  it("accounts for all 711, each with a kind and a target that is there", () => {
    assert.deepEqual(checkLedger(rows, exists), []);
    assert.deepEqual(
      rows.map(({ id }) => id),
      expectedIds,
    );
  });

  it("points into plans only where the plan really cites the requirement", () => {
    const cited = rows.filter((row) => atOf(row).startsWith("stacks/systems/") && atOf(row).includes("#"));
    assert.ok(cited.length > 300);
    for (const row of cited) {
      const [file, path] = atOf(row).split("#") as [string, string];
      const plan = plans.find(({ system }) => file.includes(`/${system}/`))!;
      const value = (path === "" ? plan : follow(plan, path)) as { requirements?: string[] } | undefined;
      assert.ok(value?.requirements?.includes(row.id), `${row.id}: ${atOf(row)} doesn't cite it`);
    }
  });

  it("points to checklist items that stand in the file it names", () => {
    for (const row of rows.filter(({ kind }) => kind === "checklist item")) {
      const [file, id] = atOf(row).split("#") as [string, string];
      assert.ok(readFileSync(new URL(file, root), "utf8").includes(`"${id}"`), `${row.id}: ${atOf(row)}`);
    }
  });

  it("notices a plan that no longer cites what only it cited", () => {
    const silent = plans.map((plan) => (plan.system === "wdbx" ? { ...plan, forecast: [] } : plan));
    const ids = checkLedger(ledger(silent, readinessItems), exists).map(({ id }) => id);
    assert.deepEqual(ids, ["S0-61", "S0-62", "S0-63", "S0-64"]);
  });

  it("notices a checklist item that is gone", () => {
    const without = readinessItems.filter(({ id }) => id !== "INF-01");
    assert.deepEqual(
      checkLedger(ledger(plans, without), exists).map(({ id }) => id),
      ["S3-001"],
    );
  });

  it("notices a file that is gone", () => {
    const gone = "rollout/assignment/bucket.ts";
    const problems = checkLedger(rows, (place) => place !== gone && exists(place));
    assert.deepEqual(problems, [{ id: "S2-027", message: `points to ${gone}, which isn't there` }]);
  });

  it("notices rows that are there twice or in no catalogue", () => {
    const stray: LedgerRow = { id: "S4-129", kind: "rule", what: "nothing", target: { because: "invented" } };
    const problems = checkLedger([...rows, rows[0]!, stray], exists);
    assert.deepEqual([...new Set(problems.map(({ id }) => id))], ["S0-01", "S4-129"]);
  });

  it("gives a reason for everything that is not applicable, and for nothing else", () => {
    for (const { id, kind, target } of rows) {
      assert.equal("because" in target, kind === "not applicable", id);
      if ("because" in target) assert.ok(target.because.length > 20, id);
    }
  });
});
