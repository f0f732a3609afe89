import assert from "node:assert/strict";
import { engineCommand, targetsOf } from "../../../cli/engine.ts";
import { CliError } from "../../../cli/output.ts";
import { pullRequestText } from "../../../cli/pull-request.ts";
import { editedText, editsForPhase, editsForSettle } from "../../../cli/stack-edit.ts";
import { differences, reportAll, watchOf } from "../../../cli/status-report.ts";
import { statusLines, statusRow } from "../../../cli/status-text.ts";
import type { LiveObject, LiveStatus } from "../../../live/model.ts";
import type { StackConfig, SystemConfig } from "../../../rollout/config/model.ts";
import { inWords } from "../../../rollout/plan/duration.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { aborted, desired, ladder, live } from "../transitions/fixture.ts";
import { inProject } from "./run.ts";

const object = (phase: string, status: Partial<LiveStatus> = {}): LiveObject => {
  const { spec, status: base } = live(desired({ phase }));
  const shown = { phase, phaseStartedAt: "2026-01-01T00:00:00Z", effectivePercent: 5, complete: false };
  return {
    uid: "u",
    generation: 1,
    resourceVersion: "1",
    annotations: {},
    spec,
    status: { ...base, ...shown, ...status },
  };
};
const config = (over: Partial<SystemConfig> = {}): SystemConfig => ({
  stable: "A",
  artifact: "B",
  percent: 5,
  settled: false,
  phase: "canary-5",
  ladder: "normal",
  retry: 0,
  reason: undefined,
  hold: false,
  extendDays: 0,
  excludeNodes: [],
  expectedRps: undefined,
  decommission: false,
  ...over,
});
const known = (rollout: LiveObject) => ({ namespace: "wdbx", listedPlans: [], rollout });
const start = Date.parse("2026-01-01T00:00:00Z") / 1000;
const reportOf = (rollout: LiveObject | undefined, over: Partial<SystemConfig> = {}) => {
  const stack: StackConfig = {
    environment: "staging",
    layer: "systems",
    handover: {},
    scale: { time: 1, size: 1 },
    systems: { wdbx: config(over) },
  };
  const systems = rollout ? { wdbx: known(rollout) } : {};
  return reportAll({ config: stack, live: systems, plans, stagingPassed: () => true, now: start + 20 })[0]!;
};

describe("rampart status", () => {
  it("shows how far a system is, and how long it still has to be watched", () => {
    const row = statusRow(reportOf(object("canary-5", { verdict: { outcome: "Running" } })));
    assert.deepEqual(row, ["wdbx", "B", "5 %", "5 %", "canary-5", "Running", "40 s"]);
  });

  it("marks a status that speaks of an earlier step, and believes nothing of its clock", () => {
    const stale = object("canary-5", { observedStep: 0, verdict: { outcome: "Passed" } });
    assert.deepEqual(statusRow(reportOf(stale)).slice(5), ["Passed (stale)", "1 min"]);
    assert.deepEqual(watchOf(stale, start + 50), { outcome: "Running", reason: undefined, seconds: 0 });
  });

  it("names a system that isn't deployed yet", () => {
    const report = reportOf(undefined);
    assert.deepEqual(statusRow(report).slice(4), ["not deployed", "-", "-"]);
    assert.deepEqual(statusLines(report), ["wdbx: the config names it, and it isn't deployed; run up"]);
  });

  it("says what may be taken, and each reason in a line of its own where it may not", () => {
    const passed = [...object("canary-5").status.passed, { phase: "canary-5", revision: "r1", attempt: 1 }];
    assert.deepEqual(statusLines(reportOf(object("canary-5", { passed }))), [
      "wdbx: advance from canary-5 (5 %) to half (50 %): may be taken",
    ]);
    const [head, ...reasons] = statusLines(reportOf(object("canary-5")));
    assert.match(head!, /not yet$/);
    assert.equal(reasons.length, 3);
    assert.match(reasons[1]!, /^ {2}- 40 s of 1 min still have to be watched; wait \(the analyzer, by itself\)$/);
  });

  it("tells config and reality apart", () => {
    const is = (rollout: LiveObject, over: Partial<SystemConfig> = {}) => differences(config(over), known(rollout));
    assert.deepEqual(is(object("canary-5")), []);
    assert.deepEqual(is(object("canary-5", { aborted: aborted(), effectivePercent: 0 })), [
      "attempt 1 was aborted by errors (5 % failed); 5 % was asked for, at 0 % now",
    ]);
    assert.deepEqual(is(object("canary-5", { effectivePercent: 2 })), [
      "the Rollout asks for 5 %, and 2 % is what there is now",
    ]);
    assert.deepEqual(is(object("canary-5"), { artifact: "C", percent: 50, phase: "half" }), [
      "the config says artifact C, and the Rollout has B",
      "the config says half (50 %), and the Rollout is at canary-5 (5 %)",
    ]);
    assert.deepEqual(differences(undefined, known(object("prep"))), [
      "the config doesn't name it, and its Rollout is still there",
    ]);
  });

  it("shortens a time to its two largest units", () => {
    assert.deepEqual([0, 59.2, 3600, 97_200, 90_061].map(inWords), ["0 s", "1 min", "1 h", "1 d 3 h", "1 d 1 h"]);
  });
});

describe("an edit of a stack file", () => {
  const digest = (letter: string) => `"r.example/wdbx@sha256:${letter.repeat(64)}"`;
  const text = [
    "config:\n  rampart:environment: production\n  rampart:layer: systems\n  rampart:wdbx:",
    `    stable: ${digest("a")}\n    artifact: ${digest("b")}\n    percent: 100 # all of it\n`,
  ].join("\n");

  it("names the phase only where the percent alone means another one", () => {
    assert.deepEqual(editsForPhase(ladder[1]!, ladder), [
      ["percent", 0],
      ["phase", "shadow"],
    ]);
    assert.deepEqual(editsForPhase(ladder[2]!, ladder), [
      ["percent", 5],
      ["phase", undefined],
    ]);
  });

  it("settles with one changed line where the percent is 100 already", () => {
    const artifact = JSON.parse(digest("b"));
    const edited = editedText(text, "x.yaml", new Map([["wdbx", editsForSettle(artifact)]]));
    assert.equal(edited, text.replace(digest("a"), digest("b")));
  });

  it("ends with the problem where the result wouldn't be a config", () => {
    const edits = new Map([["wdbx", [["percent", 30]] as const]]);
    assert.throws(
      () => editedText(text, "x.yaml", edits),
      (error) => error instanceof CliError && /x\.yaml/.test(error.message),
    );
  });
});

describe("the text of a pull request", () => {
  it("says what moves, for whom, for how long and how to get back", () => {
    const text = pullRequestText(object("shadow"), { phase: "canary-5" }, "production");
    assert.match(text, /^wdbx: shadow \(0 %\) → canary-5 \(5 %\) in production\n/);
    assert.match(text, /who gets the artifact then: 5 % of all\n/);
    assert.match(text, /watched for at least: 1 min\n/);
    assert.match(text, /passed so far: prep\n/);
    assert.match(text, /rampart rollback wdbx --stack production/);
    assert.match(pullRequestText(object("watch"), "settle", "production"), /watch \(100 %\) → settled/);
  });
});

describe("the engine of a project", () => {
  it("is the checkout's own where embedded clusters are, and the PATH's elsewhere", () => {
    assert.deepEqual(
      inProject({}, (directory) => engineCommand(directory, ["up"])),
      ["pulumi", "up"],
    );
    const embedded = inProject({ ".rampart/kubeconfig": "{}" }, (directory) => engineCommand(directory, ["up"]));
    assert.deepEqual(embedded, ["npm", "run", "--silent", "pulumi", "--", "up"]);
  });

  it("is told to touch the systems that are named and no others", () => {
    assert.deepEqual(targetsOf(["wdbx"]), ["--target", "**::wdbx", "--target", "**::wdbx-*"]);
  });
});
