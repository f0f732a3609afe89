import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { readEngineLog } from "../../../cli/preview/engine-log.ts";
import { previewMarkdown } from "../../../cli/preview/markdown.ts";
import { root } from "../../../local/paths.ts";
import { declared } from "../../../rollout/checklist/declared.ts";
import { planned } from "../../../rollout/checklist/planned.ts";
import { instantOf } from "../../../rollout/evidence/statement.ts";
import { roles } from "../../../rollout/plan/roles.ts";
import { itemsOf } from "../../../rollout/readiness/readiness.ts";
import { preview, type Workspace, workspace } from "../../engine/support.ts";
import { spoilt, spoiltTogether, together } from "../baseline-fixtures.ts";
import { claim, person, writeEvidence, writeSigners } from "../evidence.ts";
import type { AnalyzedResource } from "../pack.ts";
import { component, liveAt, wishFor } from "../rollouts.ts";

/** Policies look at types and inputs: a component with another's type shows them to a pack without a provider. */
const program = `
import { globSync, readFileSync, statSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
class Any extends pulumi.ComponentResource {
  constructor(type: string, name: string, props: pulumi.Inputs) {
    super(type, name, props);
    this.registerOutputs(props);
  }
}
for (const { type, name, props } of JSON.parse(readFileSync("resources.json", "utf8"))) new Any(type, name, props);
`;

const pack = (name: string): string[] => [
  "--policy-pack",
  join(root, "policies", name),
  "--policy-pack-config",
  `${name}.json`,
];

describe("the other packs on the real engine", function () {
  this.timeout(300_000);
  let project: Workspace;
  const show = (resources: readonly AnalyzedResource[]) =>
    project.write({ "resources.json": JSON.stringify(resources) });

  before(async () => {
    project = await workspace(program);
    const files = { files: { evidence: join(project.folder, "evidence") } };
    await project.write({
      "baseline.json": JSON.stringify({ "baseline-waivers": { settings: { registries: ["registry.example"] } } }),
      "readiness.json": JSON.stringify({ "readiness-evidence": files }),
    });
    await project.run(["stack", "init", "production"]);
  });
  after(() => project.remove());

  it("baseline: everything that is wrong with each of them is said, at the resource that it is wrong with", async () => {
    await show(spoilt.map(([, , resource], index) => ({ ...resource, name: `bad-${index}` })));
    const { text } = await project.failure([...preview, ...pack("baseline")]);
    assert.match(text, /baseline 0\.1\.0: 9 of 9 rules at work/);
    const silent = spoilt.filter(([id], index) => !new RegExp(`: bad-${index}\\)\\s+${id} `).test(text));
    assert.deepEqual(silent, []);
  });

  it("baseline: what is wrong with them together fails the preview", async () => {
    const [, , resources] = spoiltTogether.find(([id]) => id === "KB-39")!;
    await show(resources.map((resource, index) => ({ ...resource, name: `r-${index}` })));
    assert.match((await project.failure([...preview, ...pack("baseline")])).text, /KB-39 every namespace is closed/);
  });

  it("the comment of a pull request says what the engine's own log says: each refusal once, at its resource", async () => {
    const [id, , resource] = spoilt[0]!;
    await show([{ ...resource, name: "bad" }]);
    const { text } = await project.failure([...preview, ...pack("baseline")]);
    const logs = globSync(join(project.folder, "events-*.jsonl"));
    const last = logs.reduce((one, other) => (statSync(one).mtimeMs > statSync(other).mtimeMs ? one : other));
    const engine = { ...readEngineLog(readFileSync(last, "utf8")), succeeded: false };
    assert.match(text, new RegExp(`${id} `));
    const refused = engine.policies.filter(({ level, message }) => level === "mandatory" && message.startsWith(id));
    assert.deepEqual(
      refused.map(({ pack: by, resource: at }) => [by, at]),
      [["baseline", "bad"]],
    );
    const report = { stack: "production", against: "main", now: 0, changes: [], waivers: [], badWaivers: [], engine };
    assert.match(previewMarkdown(report), new RegExp(`- \\*\\*refuses\\*\\* bad: ${id} `));
  });

  it("baseline: nothing is said of good resources", async () => {
    await show(together.map((resource, index) => ({ ...resource, name: `r-${index}` })));
    const { text } = await project.run([...preview, ...pack("baseline")]);
    assert.doesNotMatch(text, /\[(mandatory|advisory)\] +kubernetes/);
  });

  it("readiness: with everything signed it passes, as does guard, and what failed or isn't declared is named", async () => {
    const live = liveAt(wishFor("infrastructure"));
    const folder = join(project.folder, "evidence");
    const people = roles.map((role, index) => person(`person${index}`, role));
    writeSigners(folder, people);
    const by = (role: string) => people.find((one) => one.roles.includes(role))!;
    const signed = itemsOf("wdbx", "infrastructure").filter(
      (item) => !(item.id in declared) && !(item.class === "D" && !item.and && item.id in planned),
    );
    const sign = (name: string, items: string[], role: string) => {
      const expires = instantOf(Date.now() / 1000 + 3600);
      writeEvidence(folder, name, claim(live.spec, "infrastructure", items, { expires }), by(role), role);
    };
    for (const { id, role = "platform-engineering" } of signed) sign(id, [id], role);
    for (const role of ["technical-lead", "platform-engineering", "devops"])
      sign(`approval-${role}`, ["approval:infrastructure"], role);
    const scaler = {
      type: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
      name: "wdbx-stable-autoscaler",
      props: {},
    };
    await show([component({ wish: wishFor("canary-5"), live }), scaler]);
    const guard = { files: { evidence: folder } };
    await project.write({ "guard.json": JSON.stringify({ "rollout-approvals": guard }) });
    const all = [...preview, ...pack("guard"), ...pack("readiness")];
    const { text } = await project.run(all);
    assert.match(text, /checklist of infrastructure: (\d+) of \1 items hold/);

    const failed = claim(live.spec, "infrastructure", ["WDBX-GO-05"], { result: "failed" });
    writeEvidence(folder, "WDBX-GO-05", failed, by("platform-engineering"), "platform-engineering");
    await show([component({ wish: wishFor("canary-5"), live })]);
    const refused = (await project.failure(all)).text;
    assert.match(refused, /WDBX-GO-05\.json: it says that it failed/);
    assert.match(refused, /WDBX-OPS-07: no HorizontalPodAutoscaler is declared/);
  });
});
