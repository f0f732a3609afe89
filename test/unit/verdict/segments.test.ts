import assert from "node:assert/strict";
import { criterion, from, trigger } from "../../../rollout/plan/builders.ts";
import type { Phase } from "../../../rollout/plan/model.ts";
import type { RolloutSpec } from "../../../rollout/transitions/model.ts";
import type { AnalyzerStatus, Seen } from "../../../rollout/verdict/model.ts";
import { nextStatus } from "../../../rollout/verdict/next-status.ts";
import { minuteQuestions } from "../../../rollout/verdict/questions.ts";
import { recordOfPass, replayDifferences } from "../../../rollout/verdict/record.ts";
import { phase as everybodys, seen, spec, start, stored, watched } from "./fixture.ts";

const rest = { bySegment: true, ...from("S0-58") } as const;
const phase: Phase = {
  ...everybodys,
  criteria: [criterion("success", "success-ratio", ">", 0.99, rest)],
  triggers: [trigger("lost", "success-ratio", "<", 0.95, "3m", { minimum: { trials: 100 }, ...rest })],
};
const exposure = { internal: 100, premium: 10, standard: 5, enterprise: 0 };
const inSegments: Partial<RolloutSpec> = {
  phases: spec().phases.map((one) => ({ ...one, exposure })),
};

/** A minute in which each segment sends so many requests to the canary, of which so many fail. */
function minuteOf(through: number, failed: Record<string, number>, silent: readonly string[] = []): Seen["windows"] {
  const segments = ["internal", "premium", "standard"];
  const of = (n: number, k: number) => [{ through, n, k: n - k }];
  const all = segments.reduce((sum, name) => sum + (failed[name] ?? 0), 0);
  const apart = segments
    .filter((name) => !silent.includes(name))
    .map((name) => [`success-ratio:canary:proxy@${name}`, of(1200, failed[name] ?? 0)]);
  const whole = ["proxy", "app"].map((by) => [`success-ratio:canary:${by}`, of(20_000, all)]);
  return { soak: [{ through, n: 60, k: 60 }], ...Object.fromEntries([...whole, ...apart]) };
}

function run(count: number, failed: Record<string, number> = {}, silent: readonly string[] = []): AnalyzerStatus {
  const look = { phase, effective: exposure };
  let status = nextStatus(watched({}, inSegments), seen(look));
  for (let index = 2; index < count + 2; index += 1) {
    const through = start + index * 60;
    const windows = minuteOf(through, failed, silent);
    status = nextStatus(watched(stored(status), inSegments), seen({ ...look, now: through + 25, windows }));
  }
  return status;
}

describe("a phase that every segment has to keep by itself", function () {
  this.timeout(20_000);

  it("passes when each that is exposed has kept it", () => {
    assert.equal(run(12).verdict?.outcome, "Passed", run(12).verdict?.reason);
  });

  it("doesn't pass while one of them was never seen, or sends too little to tell", () => {
    const { verdict } = run(12, {}, ["premium"]);
    assert.equal(verdict?.outcome, "Inconclusive");
    assert.match(verdict!.reason!, /premium: no data; no data never passes/);
  });

  it("ends when it is bad for one of them alone, and says for whom", () => {
    const status = run(6, { premium: 240 });
    assert.equal(status.aborted?.trigger, "lost", status.verdict?.reason);
    assert.match(status.aborted!.reason, /^premium: /);
  });

  it("says for whom it failed, where only a criterion minds", () => {
    const { verdict } = run(20, { standard: 30 });
    assert.equal(verdict?.outcome, "Failed", verdict?.reason);
    assert.match(verdict!.reason!, /success: standard: /);
  });

  it("comes to the same verdict from its record", () => {
    const status = run(12);
    const look = seen({ phase, effective: exposure, now: start + 9000 });
    const record = recordOfPass("production", watched(stored(status), inSegments), look);
    assert.deepEqual([record.said.outcome, replayDifferences(record)], ["Passed", []]);
  });
});

it("segments are asked for by what the proxy counts, never by what pods say", () => {
  const questions = minuteQuestions([{ system: "dwcp-manager", phase }]);
  const apart = [...questions].filter(([name]) => name.endsWith("by segment"));
  assert.equal(apart.length, 2);
  for (const [, query] of apart) assert.match(query, /^\(sum by \(system, segment\) \(increase\(envoy_cluster_/);
});
