import assert from "node:assert/strict";
import type { Criterion } from "../../../rollout/plan/model.ts";
import { judgeAnswer, lookBackOf, questionsOf, validationAt } from "../../../rollout/validation/validation.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { live, settled } from "../transitions/fixture.ts";

const wdbx = plans.find(({ system }) => system === "wdbx")!;
const day1 = validationAt(wdbx, "day-1")!;
const started = "2026-03-01T09:00:00Z";
const at = (phase: string | undefined) => {
  const { spec, status } = live({ ...settled("A"), ...(phase ? { stable: "A", artifact: "B", phase } : {}) });
  return { spec, status: { ...status, phaseStartedAt: started } };
};

describe("a look back after 100 %", () => {
  it("is found by its name or by when it is due", () => {
    assert.equal(validationAt(wdbx, "7d")?.id, "week-1");
    const postgres = plans.find(({ system }) => system === "distributed-postgres")!;
    assert.equal(validationAt(postgres, "72h")?.id, "hours-72");
    assert.equal(validationAt(wdbx, "day-2"), undefined);
  });

  it("is due so long after everybody has had the artifact, and sooner in a rehearsal", () => {
    const since = Date.parse(started) / 1000;
    for (const place of ["full", undefined])
      assert.deepEqual(lookBackOf(at(place), day1, 1), { since, due: since + 86_400 });
    assert.deepEqual(lookBackOf(at("full"), day1, 5760), { since, due: since + 15 });
    assert.equal(lookBackOf(at("half"), day1, 1), undefined);
  });

  it("asks for the whole time since, or for a criterion's own window", () => {
    const windows = (scale: number) =>
      questionsOf(wdbx, day1, scale).map(({ criterion, queries }) => [
        criterion.id,
        /\[(\d+s)[\]:]/.exec(queries[0]!)?.[1],
      ]);
    assert.deepEqual(new Map(windows(1) as [string, string][]).get("success"), "86400s");
    assert.deepEqual(new Map(windows(5760) as [string, string][]).get("success"), "60s", "never less than a minute");
    const [baseline] = questionsOf(wdbx, validationAt(wdbx, "week-1")!, 1);
    assert.match(baseline!.queries[0]!, /604800s/);
  });

  it("asks every plan's questions in a way that has a window and a system", () => {
    for (const plan of plans)
      for (const validation of plan.validations)
        for (const { queries } of questionsOf(plan, validation, 1))
          for (const query of queries) assert.match(query, new RegExp(`system="${plan.system}"|system=~`));
  });

  const of = (over: Partial<Criterion>): Parameters<typeof judgeAnswer>[0] => ({
    criterion: { id: "x", metric: "error-ratio", statistic: "proportion", op: "<", value: 0.01, ...over } as Criterion,
    queries: ["a", "b"],
    baseline: over.against && "before",
  });
  const holds = (over: Partial<Criterion>, answers: number[][], before: number[] = []) =>
    judgeAnswer(of(over), answers, before).holds;

  it("takes the worst of what both sides and both tracks say", () => {
    assert.ok(holds({}, [[0.001, 0.002], [0.009]]));
    assert.ok(!holds({}, [[0.001, 0.02], [0.009]]));
    assert.ok(!holds({}, [[0.001], [0.02]]));
    assert.ok(!holds({ op: ">", value: 0.99 }, [[0.999, 0.5], [1]]));
  });

  it("doesn't take silence for proof", () => {
    assert.deepEqual(judgeAnswer(of({}), [[0.001], []], []).said, "no data");
    assert.ok(!holds({}, [[Number.NaN], [0]]));
    assert.ok(!holds({ op: "==", value: 0 }, [[], []]));
    const against = { of: "recorded", as: "ratio" } as const;
    assert.match(judgeAnswer(of({ against, op: "<=", value: 1.1 }), [[1], [1]], []).said, /nothing on record/);
  });

  it("holds a figure against what was on record", () => {
    const against = { of: "recorded", as: "ratio" } as const;
    assert.ok(holds({ against, op: "<=", value: 1.1 }, [[109], [100]], [100]));
    assert.ok(!holds({ against, op: "<=", value: 1.1 }, [[111], [100]], [100]));
    assert.ok(!holds({ against: { of: "recorded", as: "points" }, op: "<=", value: 5 }, [[111], [100]], [100]));
  });
});
