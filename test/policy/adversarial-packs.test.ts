// What goes round the packs, and the list of all cases.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { absentPacks, readEngineLog } from "../../cli/preview/engine-log.ts";
import { root } from "../../local/paths.ts";
import { attempt, from, Guarded } from "./attempts.ts";
import { change, good } from "./baseline-fixtures.ts";
import { type Pack, startPack } from "./pack.ts";
import { component, image, liveAt, wishFor } from "./rollouts.ts";

/** What stands where a pack can't decide, or the object of the case is gone, and the test that shows it. */
type Instead = readonly [why: string, file: string, test: string];
const bypass = "test/cluster/stacks/bypass";
const elsewhere: Readonly<Record<number, Instead>> = {
  18: [
    "there is no ledger in state; the time of a phase is in the Rollout's status, which only the analyzer writes",
    "test/engine/rollout-api/policies.test.ts",
    "only the analyzer writes a status",
  ],
  24: [
    "no data is judged where it is measured; a verdict other than Passed never passes: case 15",
    "test/unit/statistics/judge.test.ts",
    "never passes without data, and says so",
  ],
  26: [
    "figures stand in the statement itself, so there is no file beside it to be changed; a changed statement is case 27",
    "test/policy/adversarial-evidence.test.ts",
    "or changed after signing",
  ],
  35: [
    "weights are bounded by the API server",
    "test/engine/rollout-api/policies.test.ts",
    "a route gives 5 % and not more",
  ],
  36: ["the API server refuses kubectl, cluster admins included", `${bypass}/by-kubectl.ts`, "edit of a weight"],
  38: [
    "no policy sees a deletion; the API server refuses it",
    "test/engine/rollout-api/policies.test.ts",
    "nothing that carries users is deleted",
  ],
  39: [
    "packs don't run in a destroy; the API server refuses it",
    "test/engine/rollout-api/policies.test.ts",
    "nothing that carries users is deleted",
  ],
  40: [
    "with --target the route alone is bounded by the API server, which reads the live Rollout",
    "test/engine/rollout-api/policies.test.ts",
    "a route gives 5 % and not more",
  ],
  51: [
    "the engine locks a stack, and the second update is judged by the API server on what the first has left",
    "test/engine/rollout-api/rule-cases.ts",
    "counters-step",
  ],
};

describe("attempts to go round the packs", () => {
  const guarded = new Guarded();
  let baseline: Pack;
  before(async () => {
    baseline = await startPack("baseline");
  });
  after(() => baseline.end());

  attempt([41], "no component, another one for the same system, an object for another system", async () => {
    const props = { spec: { system: "dwcp-tpbft", stable: image("a"), artifact: image("b"), phase: "full" } };
    const [found] = await guarded.pack.analyze({ type: "kubernetes:rampart.dev/v1alpha1:Rollout", props });
    assert.match(found!.message, /no component of this program speaks for dwcp-tpbft/);
    await guarded.allowed({ wish: wishFor(undefined), live: liveAt(wishFor(undefined)) });
    const second = component({ wish: wishFor(undefined), live: liveAt(wishFor(undefined)) });
    const twice = await guarded.pack.analyze({ ...second, name: "wdbx-again" });
    assert.match(twice.map(({ message }) => message).join(), /two components speak for wdbx/);
    await guarded.pack.analyze(second);
  });
  attempt([42], "changes that are ignored, so that the way down isn't written", async () => {
    for (const type of [
      "kubernetes:rampart.dev/v1alpha1:Rollout",
      "kubernetes:gateway.networking.k8s.io/v1:HTTPRoute",
    ]) {
      const found = await guarded.pack.analyze({ type, props: {}, ignoreChanges: ["spec.rules"] });
      assert.match(found.map(({ message }) => message).join(), /ignoreChanges names spec.rules/);
    }
  });
  attempt([37], "a Helm release or a shell command that brings its own route", async () => {
    for (const type of ["kubernetes:helm.sh/v3:Release", "command:local:Command"]) {
      assert.match((await baseline.analyze({ type, props: {} }))[0]!.message, /^KB-63/);
    }
  });
  attempt([44, 46], "a preview that a pack hasn't looked at, or an older one", () => {
    const log = (PolicyPacks: object) => readEngineLog(`${JSON.stringify({ summaryEvent: { PolicyPacks } })}\n`);
    const wanted = ["guard", "readiness", "baseline"].map((pack) => ({ pack, version: "0.1.0" }));
    const all = { guard: "0.1.0", readiness: "v0.1.0", baseline: "0.1.0" };
    assert.deepEqual(absentPacks(log(all), wanted), []);
    assert.match(absentPacks(log({ ...all, guard: undefined }), wanted).join(), /guard 0\.1\.0 has to .*; it didn't/);
    assert.match(absentPacks(log({ ...all, readiness: "0.0.9" }), wanted).join(), /readiness .*; version 0\.0\.9 did/);
    assert.equal(absentPacks(log({}), wanted).length, 3);
  });
  attempt([48], "a rule that reports too late: whatever a rule waits for, the engine waits for as well", () => {
    const files = globSync("policies/**/*.ts", { cwd: root });
    assert.ok(files.length > 5);
    const late = files.filter((file) =>
      /setTimeout|setImmediate|\.then\(|\bvoid [a-z]/.test(readFileSync(join(root, file), "utf8")),
    );
    assert.deepEqual(late, []);
  });
  attempt([50], "a rollback while the baseline isn't kept is allowed", async () => {
    await baseline.analyze(component({ wish: wishFor("canary-5"), live: from("canary-25") }));
    const found = await baseline.analyze({ ...good.pod(), name: "wdbx-canary-deployment" });
    assert.ok(found.length > 0 && found.every(({ level }) => level === "advisory"));
  });
  attempt([55], "no secret that a policy sees is repeated", async () => {
    const secret = "hunter2-AKIAABCDEFGHIJKLMNOP";
    const bad = change(good.deployment(), "spec.template.spec.containers.#.env", [
      { name: "PASSWORD", value: secret },
      { name: "PASSWORD", value: secret },
    ]);
    const map = change(good.configMap(), "data", { token: secret, text: `postgres://me:${secret}@db` });
    const told = component({ wish: wishFor("canary-50", {}, { hold: secret as never }), live: from("canary-5") });
    const found = [await baseline.analyze(bad), await baseline.analyze(map), await guarded.pack.analyze(told)].flat();
    assert.ok(found.length >= 4);
    assert.doesNotMatch(JSON.stringify(found), /hunter2/);
  });

  it("meet an API server that refuses with every pack off: what tries it there loads none", () => {
    const files = ["test/engine/rollout-api", "test/cluster/stacks/bypass"].flatMap((folder) =>
      globSync(`${folder}/*.ts`, { cwd: root }),
    );
    assert.ok(files.length > 10);
    const loading = files.filter((file) => /policy-pack|startPack/.test(readFileSync(join(root, file), "utf8")));
    assert.deepEqual(loading, []);
  });

  it("meet something else where no pack can decide, which a test shows by that name", () => {
    const missing = Object.entries(elsewhere).filter(
      ([, [, file, name]]) => !readFileSync(join(root, file), "utf8").includes(name),
    );
    assert.deepEqual(missing, []);
  });

  it("leave no case of the catalogue out: each is tried, or isn't one for a pack and says why", () => {
    const sources = globSync("*.test.ts", { cwd: import.meta.dirname });
    const text = sources.map((file) => readFileSync(join(import.meta.dirname, file), "utf8")).join();
    const tried = [...text.matchAll(/\battempt\(\s*\[([\d, ]+)\]/g)].flatMap(([, list]) =>
      list!.split(",").map(Number),
    );
    const all = Array.from({ length: 55 }, (_, index) => index + 1);
    assert.deepEqual(
      all.filter((number) => !tried.includes(number) && !(number in elsewhere)),
      [],
    );
    assert.deepEqual(
      all.filter((number) => tried.includes(number) && number in elsewhere),
      [],
    );
  });
});
