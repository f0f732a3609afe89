import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "../../../local/paths.ts";

interface Job {
  if: string;
  permissions: Record<string, string>;
  steps: { uses?: string; run?: string; with?: Record<string, unknown> }[];
}

describe("the workflow that comments on pull requests", () => {
  const text = readFileSync(join(root, ".github/workflows/preview.yml"), "utf8");
  const workflow = parse(text) as { on: object; permissions: object; jobs: Record<string, Job> };
  const jobs = Object.values(workflow.jobs);

  it("runs actions by commit only, each with the version beside it", () => {
    const uses = text.split("\n").filter((line) => /\buses:/.test(line));
    assert.ok(uses.length > 3);
    for (const line of uses) assert.match(line, /uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it("permits nothing that isn't named, and gives nobody both a login and a pen", () => {
    assert.deepEqual(workflow.permissions, {});
    assert.deepEqual(
      jobs.map(({ permissions }) => permissions),
      [{ contents: "read", "id-token": "write" }, { "pull-requests": "write" }],
    );
    assert.doesNotMatch(text, /secrets\./);
  });

  it("gives the code of a pull request nothing: it's the base that is checked out, and forks get no login", () => {
    assert.deepEqual(Object.keys(workflow.on), ["pull_request"]);
    for (const job of jobs) assert.match(job.if, /head\.repo\.full_name == github\.repository/);
    const checkouts = jobs.flatMap(({ steps }) => steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")));
    assert.deepEqual(
      checkouts.map((step) => [step.with?.ref, step.with?.["persist-credentials"]]),
      [[`$\{{ github.event.pull_request.base.sha }}`, false]],
    );
  });

  it("takes stack files, evidence and waivers of it, and neither program, packs nor signers", () => {
    const [, pattern] = /grep -E '([^']+)'/.exec(text)!;
    const taken = new RegExp(pattern!);
    for (const file of ["Pulumi.production.yaml", "evidence/production/wdbx/a.json", "waivers/staging/KB-05.json"])
      assert.match(file, taken);
    for (const file of [
      "Pulumi.yaml",
      "evidence/allowed_signers",
      "stacks/index.ts",
      "policies/guard/pack.ts",
      "package.json",
    ])
      assert.doesNotMatch(file, taken);
  });

  it("puts no text of others into a script: values come by variables", () => {
    for (const { run } of jobs.flatMap(({ steps }) => steps)) assert.doesNotMatch(run ?? "", /\$\{\{/);
  });
});
