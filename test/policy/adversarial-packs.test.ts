// What goes round the packs, and the list of all cases.
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../local/paths.ts";
import { attempt, from, Guarded } from "./attempts.ts";
import { change, good } from "./baseline-fixtures.ts";
import { type Pack, startPack } from "./pack.ts";
import { component, image, liveAt, wishFor } from "./rollouts.ts";

/** Cases that a pack can't decide or that are gone with the object they were about, and what stands there instead. */
const elsewhere: Readonly<Record<number, string>> = {
  11: "config from a flag goes through the same parser and is judged against the same live object; evidence names the artifact",
  18: "there is no ledger in state; the time of a phase is in the Rollout's status, which only the analyzer writes (docs/guards.md)",
  24: "no data is judged where it is measured (test/unit/statistics/judge.test.ts); a verdict other than Passed never passes: case 15",
  26: "figures stand in the statement itself, so there is no file beside it to be changed; a changed statement is case 27",
  35: "weights are bounded by an admission policy on the API server (route-weight in docs/guards.md)",
  36: "the same policy refuses kubectl, cluster admins included",
  38: "no policy sees a deletion; keep-traffic on the API server refuses it",
  39: "packs don't run in a destroy; keep-rollout, keep-plan and keep-namespace on the API server refuse it",
  40: "with --target the route alone is bounded by route-weight, which reads the live Rollout",
  43: "there is no dynamic provider; whoever forges `live` for the packs meets the API server, which has the real one",
  44: "what guards is on the API server and doesn't need a pack (docs/guards.md)",
  46: "the pack prints its version, and the engine's summary event names it; which one is enough is for CI to say",
  51: "the engine locks a stack, and the second update is judged by the API server on what the first has left",
  52: "analysing a state changes nothing; the packs take stack and system from what they are shown, not from config",
  54: "no pack knows break-glass: on the API server its group only takes traffic away",
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
    const files = ["test/engine/rollout-api", "test/cluster/bypass"].flatMap((folder) =>
      globSync(`${folder}/*.ts`, { cwd: root }),
    );
    assert.ok(files.length > 10);
    const loading = files.filter((file) => /policy-pack|startPack/.test(readFileSync(join(root, file), "utf8")));
    assert.deepEqual(loading, []);
  });

  it("are named by documents and tests that are there, where something else stands in their place", () => {
    const guards = readFileSync(join(root, "docs/guards.md"), "utf8");
    for (const [number, reason] of Object.entries(elsewhere)) {
      for (const [file] of reason.matchAll(/\b(?:test|docs)\/[\w/.-]+\.(?:ts|md)/g))
        assert.ok(existsSync(join(root, file)), `case ${number}: ${file}`);
      for (const [rule] of reason.matchAll(/\b(?:keep-[a-z]+|route-weight)\b/g))
        assert.ok(guards.includes(rule), `case ${number}: ${rule}`);
    }
  });

  it("leave no case of the catalogue out: each is tried, or isn't one for a pack and says why", () => {
    const sources = globSync("adversarial-*.test.ts", { cwd: import.meta.dirname });
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
