import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/paths.ts";
import { allChecks } from "../../../rollout/baseline/checks.ts";
import { declared } from "../../../rollout/checklist/declared.ts";
import { planned } from "../../../rollout/checklist/planned.ts";

const doc = (name: string): string => readFileSync(join(root, "docs", name), "utf8");

describe("the documents of the policy packs", () => {
  it("list every check with its title, and no other", () => {
    const rows = [...doc("baseline-checks.md").matchAll(/^\| ((?:KB|AB)-\d\d) \| ([^|]*?)(?: \(told only\))? \|/gm)];
    const listed = new Map(rows.map(([, id, title]) => [id!, title!]));
    assert.equal(rows.length, listed.size);
    assert.deepEqual(
      listed,
      new Map(allChecks.map(({ id, title }): [string, string] => [id, title]).sort(byKubernetesFirst)),
    );
  });

  it("say which checks only tell", () => {
    const told = [...doc("baseline-checks.md").matchAll(/^\| (\S+) \| [^|]*\(told only\)/gm)].map(([, id]) => id);
    assert.deepEqual(
      told.sort(),
      allChecks
        .filter(({ level }) => level === "advisory")
        .map(({ id }) => id)
        .sort(),
    );
  });

  it("count right", () => {
    const [plans, resources] = [Object.keys(planned).length, Object.keys(declared).length];
    const text = doc("policies.md").replaceAll("\n", " ");
    const of = (prefix: string) => allChecks.filter(({ id }) => id.startsWith(prefix)).length;
    for (const said of [
      `${plans + resources} of the 234 D items have a rule: ${plans} look at the plan, ${resources} at resources`,
      `${of("KB")} checks of Kubernetes resources and ${of("AB")} of AWS resources`,
    ]) {
      assert.ok(text.includes(said), said);
    }
  });
});

const byKubernetesFirst = ([one]: [string, string], [other]: [string, string]): number =>
  one.slice(0, 2) === other.slice(0, 2) ? one.localeCompare(other) : other.localeCompare(one);
