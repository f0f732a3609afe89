import assert from "node:assert/strict";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LiveObject } from "../../live/model.ts";
import { objectPath } from "../../live/paths.ts";
import { root } from "../../local/paths.ts";
import { waitFor } from "../../local/wait.ts";
import { deployAnalyzer, podsOf } from "../support/analyzer.ts";
import { addressOf, imageOf, Project } from "../support/environment.ts";
import { Load } from "../support/load.ts";
import { Watched, watchedSeconds } from "../support/watched.ts";

const stack = "rehearsal";
const analyzers = ["rampart-system", "app.kubernetes.io/name=analyzer"] as const;

/** wdbx is at 5 % when another version of Rampart comes: its API, its plans and its analyzer change under the rollout. */
describe("an upgrade in the middle of a rollout", function () {
  this.timeout(600_000);
  let project: Project;
  let load: Load;
  let wdbx: Watched;

  /** The project's copy gets a folder of its own, with one text in place of another. */
  async function change(folder: string, file: string, before: string, after: string): Promise<void> {
    const copy = join(project.folder, folder);
    await rm(copy);
    await cp(join(root, folder), copy, { recursive: true });
    const path = join(copy, file);
    const text = await readFile(path, "utf8");
    assert.ok(text.includes(before), `${file} has no ${before}`);
    await writeFile(path, text.replace(before, after));
  }

  before(async () => {
    project = await Project.open();
    await project.start(stack);
    await deployAnalyzer(project, stack);
    wdbx = new Watched(project, stack, "wdbx", 300_000);
    load = await Load.start(await addressOf(project, stack), "wdbx.example.com", 150);
    await project.set(stack, "wdbx.artifact", await imageOf("simulator:1.1.0"));
    await project.goTo(stack, "wdbx", 0);
    await wdbx.passes("infrastructure");
    await project.goTo(stack, "wdbx", 5);
  });
  after(async () => {
    await load?.stop();
    await project?.close();
  });

  it("loses no pass and no soak, moves no traffic and fails no request", async () => {
    await wdbx.has("a minute of soak", (rollout) => watchedSeconds(rollout) >= 1);
    const before = await wdbx.rollout();
    const replicas = await podsOf(project, stack, ...analyzers);
    await load.failures();
    await change(
      "stacks",
      "systems/wdbx/plan.ts",
      'percent: 50,\n          minDuration: "48h"',
      'percent: 50,\n          minDuration: "72h"',
    );
    await change("components", "rollout-api/crds.ts", "[shortName]", '[shortName], categories: ["upgraded"]');
    await project.up(`${stack}-platform`);
    await project.up(stack);
    await waitFor(
      "other analyzers",
      async () => {
        const now = await podsOf(project, stack, ...analyzers);
        return now.length === 2 && now.every((pod) => !replicas.includes(pod));
      },
      { timeout: 180_000 },
    );

    const definition = await project
      .api(`${stack}-admin`)
      .get("/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.rampart.dev");
    assert.deepEqual((definition as { spec: { names: { categories: string[] } } }).spec.names.categories, ["upgraded"]);
    const after = await wdbx.rollout();
    const half = ({ spec }: LiveObject) => spec.phases.find(({ name }) => name === "canary-50")!;
    assert.notEqual(after.spec.planDigest, before.spec.planDigest);
    assert.ok(half(after).soakSeconds > half(before).soakSeconds);
    assert.deepEqual(after.status.passed.slice(0, before.status.passed.length), before.status.passed);
    assert.equal(after.status.phaseStartedAt, before.status.phaseStartedAt);
    assert.equal(after.spec.attempt, before.spec.attempt);
    assert.deepEqual(after.status.effective, { all: 5 });
    const soaked = watchedSeconds(after);
    assert.ok(soaked >= watchedSeconds(before));
    await wdbx.has("more soak, by the new analyzers", (rollout) => watchedSeconds(rollout) > soaked);
    assert.deepEqual(await load.failures(), { count: 0, details: [] });
    const route = await project
      .api(`${stack}-admin`)
      .get(objectPath("gateway.networking.k8s.io/v1", "httproutes", "wdbx", "wdbx"));
    assert.match(JSON.stringify(route), /"weight":5\b/);
  });
});
