import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Api, connect } from "../../../live/api.ts";
import { newMapPath } from "../../../live/evidence.ts";
import { planPath } from "../../../live/paths.ts";
import { readRollout } from "../../../live/read.ts";
import { waitFor } from "../../../local/wait.ts";
import { publicKeyTextOf, signWithPem } from "../../../rollout/evidence/ssh-signature.ts";
import { evidenceNamespace, type Statement, statementBytes } from "../../../rollout/evidence/statement.ts";
import { rampart } from "../../unit/cli/run.ts";
import { pem } from "../../unit/evidence/fixture.ts";
import { guardedSystem, Project, stable } from "../cli/support.ts";
import {
  deployment,
  type Manifest,
  plan,
  remove,
  removeGuards,
  rollout,
  route,
  service,
  write,
} from "../rollout-api/guarded.ts";
import { Walk } from "../rollout-api/support.ts";
import { apiCluster, type Workspace } from "../support.ts";
import { asAnalyzer, installAnalyzer, removeAnalyzer, Watching } from "./support.ts";

const key = pem();
const signedBy = (pemKey: string) => (statement: Statement) => ({
  statement,
  signature: signWithPem(statementBytes(statement), pemKey, evidenceNamespace),
});

/** Where all that was kept lies. */
async function everythingKept(api: Api): Promise<string[]> {
  const { items } = (await api.get(newMapPath)) as { items: { metadata: { name: string } }[] };
  const names = items.map(({ metadata }) => metadata.name);
  return names.filter((name) => /^(log|record)-/.test(name)).map((name) => `${newMapPath}/${name}`);
}

/** From a phase that passes to the files in the project, on a real API server with all guards. */
describe("what the analyzer keeps of an attempt", function () {
  this.timeout(240_000);
  const kubeconfig = process.env.KUBECONFIG;
  let guards: Workspace;
  let walk: Walk;
  let rebuilt: Walk;
  let platform: Workspace;
  let project: Project;
  let watching: Watching;
  let api: Awaited<ReturnType<typeof asAnalyzer>>;
  const live = async () => (await readRollout(api, "guarded"))!;
  const soon = (object: Parameters<typeof write>[0]) =>
    waitFor("the policies' cache", async () => (await write(object)).length === 0, { timeout: 5_000 });
  const files = (pattern: string) => globSync(join(project.directory, "evidence/rehearsal/wdbx", pattern));
  const pull = () => project.run(["evidence", "pull", "wdbx"]);

  before(async () => {
    ({ guards, walk } = await guardedSystem());
    rebuilt = await Walk.begin("rebuilt", { "rampart.dev/system": "wdbx" });
    platform = await installAnalyzer(["guarded", "rebuilt"]);
    process.env.KUBECONFIG = (await apiCluster()).kubeconfig;
    project = await Project.make(5);
    api = await asAnalyzer(JSON.parse(readFileSync(process.env.KUBECONFIG, "utf8")).contexts[0].name);
    for (const track of ["stable", "canary"] as const) await soon(service(track));
    await soon(deployment("stable", stable));
    await soon(route(0));
    const signer = { principal: "analyzer@rehearsal", sign: signedBy(key) };
    watching = new Watching(api, { signer });
    watching.ahead = -900; // so that nothing is signed in what is the future to others
  });
  after(async () => {
    if (kubeconfig === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = kubeconfig;
    project?.remove();
    if (platform) await removeAnalyzer(platform);
    for (const one of [deployment("stable", stable), rollout, plan, route(0), service("stable"), service("canary")])
      await remove(one);
  });

  it("is a record for each phase that passed, which pass and log name", async () => {
    await watching.watch(3);
    const { status } = await live();
    assert.equal(status.verdict?.outcome, "Passed", status.verdict?.reason);
    assert.match(status.passed[0]!.evidence!, /^sha256:/);
    const { entries } = await watching.ports.cluster.readLog("wdbx", 1);
    assert.deepEqual(entries.at(-1)?.evidence, [status.passed[0]!.evidence]);
  });

  it("is pulled into the project, where a replay comes to the same", () => {
    const pulled = pull();
    assert.deepEqual([pulled.stderr, pulled.code], ["", 0]);
    const [record] = files("attempt-1/infrastructure-passed-*.json");
    const replayed = rampart(["replay", record!, ...files("attempt-1/log.json")]);
    assert.match(replayed.stdout, /infrastructure: Passed, and so it is again/);
    assert.equal(replayed.code, 0);
    assert.equal(pull().stdout, "everything is here already\n");
  });

  it("comes with the analyzer's word, which holds wherever its key is known", () => {
    const line = `analyzer@rehearsal namespaces="rampart-evidence" ${publicKeyTextOf(key)} roles=analyzer\n`;
    writeFileSync(join(project.directory, "evidence/allowed_signers"), line);
    const [file] = files("infrastructure-attempt-1-analyzer-*.json");
    const { stdout, code } = project.run(["verify"]);
    assert.match(
      stdout,
      /holds: phase-passed passed in infrastructure, attempt 1, by analyzer@rehearsal as analyzer, .*; about what is live/,
    );
    assert.equal(code, 0);
    const text = readFileSync(file!, "utf8");
    assert.ok(text.includes(JSON.parse(text).statement.figures.record));
  });

  it("shows a verdict that the rules no longer come to", () => {
    const [record] = files("attempt-1/infrastructure-passed-*.json");
    const text = readFileSync(record!, "utf8");
    const file = join(project.directory, "altered.json");
    writeFileSync(file, text.replaceAll(/"k": 60/g, '"k": 0'));
    const { stdout, code } = rampart(["replay", file]);
    assert.equal(code, 1);
    assert.match(stdout, /and now it isn't.*outcome: it said Passed, and now it is Running/s);
  });

  it("holds what was there when an attempt ended, and the log goes on", async () => {
    const event = { apiVersion: "v1", kind: "Event", metadata: { name: "crash", namespace: "guarded" } };
    const about = { involvedObject: { kind: "Pod", name: "wdbx-canary-1", namespace: "guarded" }, reason: "BackOff" };
    await write({ ...event, ...about, message: "back-off restarting", type: "Warning" });
    const { spec } = await live();
    const alert = { system: "wdbx", trigger: "success-lost", reason: "93 %", action: "zero" as const };
    const whose = { attempt: String(spec.attempt), revision: spec.revision, phases: [spec.phase!] };
    await watching.analyzer.onAlerts([{ ...alert, ...whose }], "webhook");
    await watching.analyzer.look();
    await watching.analyzer.look();
    const pulled = pull();
    assert.equal(pulled.code, 0, pulled.stderr);
    const [record] = files("attempt-1/infrastructure-aborted-*.json");
    const { said, scene } = JSON.parse(readFileSync(record!, "utf8"));
    assert.equal(said.aborted.trigger, "success-lost");
    assert.equal(scene.problem, undefined);
    assert.match(scene.logs, /kubectl logs -n guarded/);
    assert.ok(scene.events.some((one: { reason: string }) => one.reason === "BackOff"));
    await remove({ ...event });
  });

  it("is not taken over where the cluster's log isn't the continuation of the project's", () => {
    const [log] = files("attempt-1/log.json");
    const text = readFileSync(log!, "utf8");
    const hash = JSON.parse(text).entries.at(-1).hash;
    writeFileSync(log!, text.replace(hash, `sha256:${"0".repeat(64)}`));
    const { stderr, code } = pull();
    assert.equal(code, 1);
    assert.match(stderr, /log\.json: the cluster's log of this attempt isn't its continuation/);
    appendFileSync(log!, "x");
    assert.match(pull().stderr, /log\.json: not JSON/);
    writeFileSync(log!, text);
  });

  describe("once the cluster is lost and built anew", () => {
    const by = ["--as", "anna@example.com", "--role", "sre"];
    let log: string;
    let whole: string;
    const restore = (text: string) => {
      writeFileSync(log, text);
      return project.run(["restore", "wdbx", "--attempt", "1", "--key", join(project.directory, "key"), ...by]);
    };
    const configMap = (name: string, namespace: string, data: object, label?: string): Manifest => ({
      ...{ apiVersion: "v1", kind: "ConfigMap", data },
      metadata: { name, namespace, labels: label ? { "rampart.dev/evidence": label } : {} },
    });

    before(async () => {
      log = files("attempt-1/log.json")[0]!;
      whole = readFileSync(log, "utf8");
      const admin = connect(api.context);
      for (const kept of await everythingKept(admin)) await admin.remove(kept);
      const planned = (await admin.get(planPath("guarded"))) as { spec: object };
      await write({ ...plan, metadata: { name: "plan", namespace: "rebuilt" }, spec: planned.spec });
      const { attempt: _attempt, step: _step, ...wish } = walk.live!.spec;
      await rebuilt.go(wish);
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(project.directory, "key")]);
      const anna = readFileSync(join(project.directory, "key.pub"), "utf8").trim();
      const text = `anna@example.com namespaces="rampart-evidence" ${anna} roles=sre\n`;
      await write(configMap("allowed-signers", "rampart-system", { allowed_signers: text }));
    });
    after(async () => {
      await removeGuards(guards);
      await remove({ ...rollout, metadata: { name: "rollout", namespace: "rebuilt" } });
      await remove({ ...plan, metadata: { name: "plan", namespace: "rebuilt" } });
    });

    it("isn't taken over from an attempt that was aborted, nor from a log with a gap", () => {
      assert.match(restore(whole).stderr, /the evidence ends with an abort/);
      const { entries, ...head } = JSON.parse(whole);
      const { stderr, code } = restore(JSON.stringify({ ...head, entries: entries.slice(1) }));
      assert.equal(code, 1);
      assert.match(stderr, /restores nothing: after the beginning comes entry 1, expected 0/);
    });

    it("is believed when somebody vouches for the log's end, and opens the next phase", async () => {
      const { entries, ...head } = JSON.parse(whole);
      const good = JSON.stringify({ ...head, entries: entries.slice(0, 2) });
      const { stdout, stderr, code } = restore(good);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /taken over with the next pulumi up: infrastructure/);
      const statement = readFileSync(join(project.directory, stdout.split("\n")[0]!), "utf8");
      const anew = new Watching(api, { isRehearsal: false });
      await anew.analyzer.look();
      await anew.analyzer.look();
      const now = async () => (await readRollout(api, "rebuilt"))!.status;
      assert.deepEqual((await now()).passed, []);
      await write(configMap("one", "rebuilt", { "statement.json": statement, "log.json": good }, "wdbx"));
      // What was signed is looked up every few seconds only.
      anew.ahead += 10;
      await anew.analyzer.look();
      assert.deepEqual(
        (await now()).passed.map(({ phase, restored }) => [phase, restored]),
        [["infrastructure", true]],
      );
      await rebuilt.go({ phase: "canary-5" });
      await anew.analyzer.look();
      await anew.analyzer.look();
      const { passed, observedStep, verdict } = await now();
      assert.deepEqual([passed.length, observedStep], [1, 2], verdict?.reason);
    });
  });
});
