import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/paths.ts";
import { parseStackFile } from "../../../rollout/config/parse.ts";
import { formatProblem } from "../../../rollout/config/problem.ts";
import { scaleSchema, systemSchema } from "../../../rollout/config/schema.ts";
import { plans } from "../../../stacks/systems/plans.ts";

describe("docs/config.md", () => {
  const text = readFileSync(join(root, "docs/config.md"), "utf8");
  const example = /```yaml\n([\s\S]*?)```/.exec(text)![1]!;
  const problems = (changed: string) =>
    (parseStackFile(changed, "Pulumi.production.yaml", plans).problems ?? []).map(formatProblem);

  it("gives an example that is legal", () => assert.deepEqual(problems(example), []));

  it("explains every key", () => {
    for (const key of Object.keys(systemSchema(plans[0]!, {}).shape)) assert.ok(text.includes(`| \`${key}\` |`), key);
    for (const key of Object.keys(scaleSchema.shape)) assert.ok(text.includes(`${key}:`), key);
  });

  it("shows the problems as they are told", () => {
    const shown = /```\n(Pulumi[\s\S]*?)```/.exec(text)![1]!.trimEnd().split("\n");
    const told = [
      ...["percent: 30", 'percent: "50"', "percent: 050"].map((line) => example.replace("percent: 25", line)),
      example.replace(/artifact: .*/, "artifact: wdbx:latest"),
      example.replace("rampart:wdbx", "rampart:wdxb"),
    ].flatMap(problems);
    const withoutList = (line: string) => line.replace(/allowed: environment, .*; nearest/, "allowed: …; nearest");
    assert.deepEqual(
      told.map(withoutList),
      shown.filter((line) => !line.includes("phase: shadow")),
    );
  });
});
