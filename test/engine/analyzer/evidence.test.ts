import assert from "node:assert/strict";
import { appendFileSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readRollout } from "../../../live/read.ts";
import { waitFor } from "../../../local/wait.ts";
import { rampart } from "../../unit/cli/run.ts";
import { guardedSystem, leave, Project, stable } from "../cli/support.ts";
import { deployment, remove, route, service, write } from "../rollout-api/guarded.ts";
import { apiCluster, type Workspace } from "../support.ts";
import { asAnalyzer, installAnalyzer, removeAnalyzer, Watching } from "./support.ts";

/** From a phase that passes to the files in the project, on a real API server with all guards. */
describe("what the analyzer keeps of an attempt", function () {
  this.timeout(120_000);
  const kubeconfig = process.env.KUBECONFIG;
  let guards: Workspace;
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
    ({ guards } = await guardedSystem());
    platform = await installAnalyzer(["guarded"]);
    process.env.KUBECONFIG = (await apiCluster()).kubeconfig;
    project = await Project.make(5);
    api = await asAnalyzer(JSON.parse(readFileSync(process.env.KUBECONFIG, "utf8")).contexts[0].name);
    for (const track of ["stable", "canary"] as const) await soon(service(track));
    await soon(deployment("stable", stable));
    await soon(route(0));
    watching = new Watching(api);
  });
  after(async () => {
    if (kubeconfig === undefined) delete process.env.KUBECONFIG;
    else process.env.KUBECONFIG = kubeconfig;
    project?.remove();
    if (platform) await removeAnalyzer(platform);
    await remove(deployment("stable", stable));
    await leave(guards);
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
  });
});
