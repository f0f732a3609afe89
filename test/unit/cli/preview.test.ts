import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { changesBetween } from "../../../cli/preview/changes.ts";
import { readEngineLog } from "../../../cli/preview/engine-log.ts";
import { previewMarkdown } from "../../../cli/preview/markdown.ts";
import { sparkline } from "../../../cli/preview/plot.ts";
import { marker, type PreviewReport } from "../../../cli/preview/report.ts";
import type { LiveObject } from "../../../live/model.ts";
import type { StackConfig } from "../../../rollout/config/model.ts";
import { parseStackFile } from "../../../rollout/config/parse.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { desired, live } from "../transitions/fixture.ts";
import { inProject, rampart } from "./run.ts";

const image = (letter: string) => `registry.example/wdbx@sha256:${letter.repeat(64)}`;
const stackText = (percent: number, artifact = image("b"), more = "") =>
  [
    "config:",
    "  kubernetes:context: nowhere",
    "  rampart:environment: production",
    "  rampart:layer: systems",
    `  rampart:wdbx: { stable: "${image("a")}", artifact: "${artifact}", percent: ${percent}${more} }`,
    "",
  ].join("\n");
const config = (text: string): StackConfig => parseStackFile(text, "Pulumi.production.yaml", plans).config!;
const changes = (before: string | undefined, after: string) =>
  changesBetween(before === undefined ? undefined : config(before), config(after), plans);

const report = (over: Partial<PreviewReport> = {}): PreviewReport => ({
  stack: "production",
  against: "origin/main",
  now: Date.parse("2026-12-01T00:00:00Z") / 1000,
  changes: changes(stackText(5), stackText(25)),
  engine: { operations: { update: 3, same: 95 }, packs: {}, policies: [], errors: [], succeeded: true },
  waivers: [],
  badWaivers: [],
  ...over,
});

describe("what a change of config moves", () => {
  it("is a rise, a way down or neither, by the order of the phases and not by the percent alone", () => {
    const directions = (before: string | undefined, after: string) =>
      changes(before, after).map(({ direction }) => direction);
    assert.deepEqual(directions(stackText(5), stackText(25)), ["up"]);
    assert.deepEqual(directions(stackText(25), stackText(5)), ["down"]);
    assert.deepEqual(directions(stackText(25), stackText(25)), []);
    assert.deepEqual(directions(stackText(25), stackText(25, image("b"), ", hold: true")), ["level"]);
    assert.deepEqual(directions(stackText(25), stackText(0, image("c"))), ["up"], "another artifact is a rise");
    assert.deepEqual(directions(undefined, stackText(0)), ["up"], "so is a system that wasn't there");
  });

  it("says how much watching lies ahead at the least, with what a person has added", () => {
    const [step] = changes(stackText(5), stackText(25));
    const [longer] = changes(stackText(5), stackText(25, image("b"), ", extendDays: 2"));
    const [later] = changes(stackText(25), stackText(50));
    assert.ok(step!.secondsLeft > later!.secondsLeft && later!.secondsLeft > 0);
    assert.equal(longer!.secondsLeft - step!.secondsLeft, 2 * 86_400);
  });
});

describe("the comment of a pull request", () => {
  it("begins with the mark by which the next run finds it", () => {
    for (const stack of ["staging", "production"])
      assert.equal(previewMarkdown(report({ stack })).split("\n")[0], marker);
  });

  it("says what moves, who is affected, when it ends at the earliest, and the way back", () => {
    const text = previewMarkdown(report());
    assert.match(text, /\| wdbx \| canary-5 \(5 %\) → canary-25 \(25 %\) \| b{12} \| 5 % of all → 25 % of all \|/);
    assert.match(text, /^The preview passes \(3 update, 95 same\)\.$/m);
    assert.match(text, /- estimated finish: 2026-12-\d\d at the earliest, after \d+ d/);
    assert.match(text, /- way back: `rampart rollback wdbx --stack production/);
  });

  it("calls a way down what it is, and asks no readiness of it", () => {
    const text = previewMarkdown(report({ changes: changes(stackText(25), stackText(5)) }));
    assert.match(text, /this is the way back: it needs no evidence/);
    assert.doesNotMatch(text, /estimated finish|readiness of/);
  });

  it("shows the verdict with a plot, but not one of an earlier step", () => {
    const [change] = changes(stackText(5), stackText(25));
    const windows = { "error-rate all canary": [0, 1, 2, 8].map((k, through) => ({ through, n: 100, k })) };
    const known = live(desired({ phase: "canary-5" }), {});
    const status = {
      ...known.status,
      phase: "canary-5",
      windows,
      verdict: { outcome: "Running", reason: "too <few>" },
    };
    const shown = { ...known, status } as unknown as LiveObject;
    const text = previewMarkdown(report({ changes: [{ ...change!, live: shown }] }));
    assert.match(text, /- verdict so far: Running \(too &lt;few>\) in canary-5/);
    assert.match(text, /`error-rate all canary ▁▂▃█ 2\.75 % of 400`/);
    const old = { ...shown, status: { ...shown.status, observedStep: shown.spec.step - 1 } };
    assert.match(
      previewMarkdown(report({ changes: [{ ...change!, live: old }] })),
      /verdict so far: none yet for this step/,
    );
  });

  it("groups what the policies say, what refuses first and opened", () => {
    const said = (policy: string, level: string, message: string) => ({
      ...{ pack: "baseline", policy, level, message, resource: "wdbx-stable" },
    });
    const policies = [
      said("images", "advisory", "one"),
      said("pods", "mandatory", "two"),
      said("pods", "advisory", "three"),
    ];
    const text = previewMarkdown(
      report({ engine: { operations: {}, packs: {}, errors: [], policies, succeeded: false } }),
    );
    assert.match(text, /\*\*the preview is refused\*\*/);
    assert.match(text, /### Policies: 1 refuse, 2 tell/);
    assert.ok(
      text.indexOf("<details open><summary>baseline: pods (2)") <
        text.indexOf("<details><summary>baseline: images (1)"),
    );
    assert.ok(text.indexOf("<details open>") > 0);
  });

  it("says once what is said of several resources", () => {
    const said = { pack: "baseline", policy: "pods", level: "advisory", message: "no limit" };
    const policies = ["a", "b"].map((resource) => ({ ...said, resource }));
    const text = previewMarkdown(
      report({ engine: { operations: {}, packs: {}, errors: [], policies, succeeded: true } }),
    );
    assert.match(text, /^- tells a, b: no limit$/m);
  });

  it("lists every waiver, and those that count for nothing with the reason", () => {
    const waiver = {
      ...{ format: "rampart-waiver/v1" as const, stack: "production", check: "KB-05", resource: "wdbx-stable" },
      ...{ reason: "until 4.2 is there", issuedAt: "2026-11-30T00:00:00Z", expires: "2026-12-20T00:00:00Z" },
      signer: { principal: "cleo@example.com", role: "ciso" },
    };
    const text = previewMarkdown(report({ waivers: [waiver], badWaivers: ["waivers/production/x.json: expired"] }));
    assert.match(
      text,
      /- KB-05 of wdbx-stable, until 2026-12-20, by cleo@\u200bexample\.com as ciso: until 4\.2 is there/,
    );
    assert.match(text, /counts for nothing\*\*: waivers\/production\/x\.json: expired/);
  });

  it("lets no text of others be markup, a mention or a line of its own", () => {
    const policies = [
      {
        pack: "p",
        policy: "q",
        level: "advisory",
        resource: "r",
        message: "</details>\n# Passed\n@everyone [x](http://y) <!-- rampart-preview:production -->",
      },
    ];
    const text = previewMarkdown(
      report({ engine: { operations: {}, packs: {}, errors: [], policies, succeeded: true } }),
    );
    assert.doesNotMatch(text, /^# Passed/m);
    assert.doesNotMatch(text, /@everyone|[^\\]\[x/);
    assert.equal(text.split("<!--").length, 2);
    assert.equal(text.split("</details>").length, 2);
  });

  it("stays short enough to be posted", () => {
    const policies = Array.from({ length: 2000 }, (_, index) => ({
      ...{ pack: "p", policy: "q", level: "advisory", resource: "r", message: `${index} ${"m".repeat(100)}` },
    }));
    const text = previewMarkdown(
      report({ engine: { operations: {}, packs: {}, errors: [], policies, succeeded: true } }),
    );
    assert.ok(text.length < 65_000);
    assert.match(text, /cut off; the terminal has the rest\n$/);
  });
});

describe("a plot in one line", () => {
  it("has the highest bar for the worst stretch, a dot where nothing was counted, and never more than fits", () => {
    assert.equal(
      sparkline([
        { n: 10, k: 0 },
        { n: 0, k: 0 },
        { n: 10, k: 5 },
      ]),
      "▁·█",
    );
    assert.equal(sparkline([{ n: 10, k: 0 }]), "▁");
    assert.ok(sparkline(Array.from({ length: 1441 }, () => ({ n: 5, k: 1 }))).length <= 24);
  });
});

describe("the engine's log", () => {
  it("is read for policies, operations and errors, without colours and without a line that was cut off", () => {
    const policyEvent = {
      ...{ policyPackName: "guard", policyName: "rollout-step", enforcementLevel: "mandatory" },
      ...{
        resourceUrn: "urn:pulumi:production::rampart::rampart:index:Rollout::wdbx",
        message: "<{%fg 1%}>no<{%reset%}>\n",
      },
    };
    const lines = [
      { policyEvent },
      { diagnosticEvent: { severity: "info", message: "fine" } },
      { diagnosticEvent: { severity: "error", message: "<{%reset%}>broken<{%reset%}>" } },
      { summaryEvent: { resourceChanges: { same: 4 }, PolicyPacks: { "guard|local|/x/policies/guard": "0.1.0" } } },
    ].map((event) => JSON.stringify(event));
    assert.deepEqual(readEngineLog(`${lines.join("\n")}\n{"policyEv`), {
      operations: { same: 4 },
      packs: { guard: "0.1.0" },
      policies: [{ pack: "guard", policy: "rollout-step", level: "mandatory", resource: "wdbx", message: "no" }],
      errors: ["broken"],
    });
  });
});

describe("rampart preview", function () {
  this.timeout(60_000);

  /** A repository whose working copy goes from 5 to 25 %, and a `pulumi` that says what it is told to. */
  const inRepository = (
    action: (run: (...args: string[]) => ReturnType<typeof rampart>) => void,
    events = "",
    code = 0,
  ) =>
    inProject({ "Pulumi.production.yaml": stackText(5), ...packages }, (directory) => {
      const git = (...args: string[]) =>
        execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x@example.com", ...args], { cwd: directory });
      git("init", "-q");
      git("add", ".");
      git("commit", "-qm", "one");
      writeFileSync(join(directory, "Pulumi.production.yaml"), stackText(25));
      writeFileSync(join(directory, "events"), events);
      const fake = `#!/bin/sh\necho "$*" > "${directory}/asked"\nwhile [ "$1" != --event-log ]; do shift; done\ncp "${directory}/events" "$2"\nexit ${code}\n`;
      writeFileSync(join(directory, "pulumi"), fake);
      chmodSync(join(directory, "pulumi"), 0o755);
      writeFileSync(join(directory, "kubeconfig"), JSON.stringify(kubeconfig));
      const env = { PATH: [directory, process.env.PATH].join(delimiter), KUBECONFIG: join(directory, "kubeconfig") };
      action((...args) => rampart(["preview", "--stack", "production", ...args], directory, env));
      if (events !== "")
        assert.match(readFileSync(join(directory, "asked"), "utf8"), /policies\/guard .*policies\/baseline/);
    });
  const packages = Object.fromEntries(
    ["guard", "readiness", "baseline"].map((pack) => [`policies/${pack}/package.json`, '{ "version": "0.1.0" }']),
  );
  const kubeconfig = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "nowhere" },
    clusters: [{ name: "nowhere", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "nobody", user: {} }],
    contexts: [{ name: "nowhere", context: { cluster: "nowhere", user: "nobody" } }],
  };
  const refusal = JSON.stringify({
    policyEvent: {
      policyPackName: "guard",
      policyName: "rollout-step",
      enforcementLevel: "mandatory",
      message: "not yet",
    },
  });

  it("compares with a revision, runs all packs, and ends with code 1 and the comment where it's refused", () => {
    inRepository(
      (run) => {
        const { code, stdout } = run("--markdown", "--against", "HEAD");
        assert.equal(code, 1);
        assert.match(stdout, /canary-5 \(5 %\) → canary-25 \(25 %\)/);
        assert.match(stdout, /### Policies: 1 refuse, 0 tell/);
        assert.match(stdout, /verdict so far: unknown, for the cluster wasn't read/);
      },
      refusal,
      1,
    );
  });

  it("doesn't pass what a pack hasn't looked at, however green it is", () => {
    const PolicyPacks = { guard: "0.1.0", readiness: "0.1.0" };
    inRepository(
      (run) => {
        const { code, stdout } = run("--against", "HEAD");
        assert.equal(code, 1);
        assert.match(stdout, /the policy pack baseline 0\.1\.0 has to look at it; it didn't/);
        assert.doesNotMatch(stdout, /pack guard 0\.1\.0 has to/);
      },
      JSON.stringify({ summaryEvent: { resourceChanges: { same: 1 }, PolicyPacks } }),
    );
  });

  it("refuses a revision that Git doesn't know, also one that looks like an option", () => {
    inRepository((run) => {
      const { code, stderr } = run("--against=--output=x");
      assert.equal(code, 2);
      assert.match(stderr, /^rampart: Git knows no /);
    });
  });
});
