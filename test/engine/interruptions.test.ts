import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { waitFor } from "../../local/wait.ts";
import { type ApiCluster, apiCluster, destroy, up, type Workspace, workspace } from "./support.ts";

const configMap = (name: string, data = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "default", name },
  data,
});

describe("an update that is interrupted", () => {
  let cluster: ApiCluster;
  let project: Workspace;
  before(async () => {
    cluster = await apiCluster();
    project = await workspace(
      `
      import * as k8s from "@pulumi/kubernetes";
      const map = (name, dependsOn, annotations = {}) =>
        new k8s.core.v1.ConfigMap(name, { metadata: { namespace: "default", name, annotations }, data: { a: "1" } }, { dependsOn });
      const first = map("first", []);
      const gate = map("gate", [first], { "pulumi.com/waitFor": "jsonpath={.data.done}" });
      map("last", [gate]);
    `,
      { kubeconfig: cluster.kubeconfig },
    );
  });
  after(() => project.remove());

  it("leaves no process behind when the engine is killed, and nothing is written afterwards", async () => {
    const { child, printed, done } = project.start(up);
    await printed("jsonpath={.data.done} does not hold yet");

    const second = await project.failure(up);
    assert.match(second.text, /locked by 1 lock/);

    const plugins = descendantsOf(child.pid!);
    assert.ok(plugins.length >= 3, `language host, program and provider should run, found ${plugins.length} processes`);
    child.kill("SIGKILL");
    await waitFor("end of the plugins", async () => plugins.every((pid) => !isAlive(pid)), { timeout: 5000 });
    await cluster.objects.apply(configMap("gate", { done: "yes" }), {
      fieldManager: "somebody",
      force: false,
      dryRun: false,
    });
    assert.equal(await cluster.objects.get(configMap("last")), undefined);
    await done;
  });

  it("is taken up again by the next update, which finds its own objects", async () => {
    assert.match((await project.failure(up)).text, /pulumi cancel/);
    await project.run(["cancel", "--yes"]);
    await project.run(up);
    assert.deepEqual((await project.state()).resources.length, 5);
  });

  it("keeps what is there when the user cancels", async () => {
    await project.run(destroy);
    const { child, printed, done } = project.start(up);
    await printed("jsonpath={.data.done} does not hold yet");
    child.kill("SIGINT");
    assert.notEqual((await done).code, 0);
    const { resources } = await project.state();
    const gate = resources.find(({ urn }) => urn.endsWith("::gate"));
    assert.match(String(gate?.initErrors), /cancelled before it was ready/);
    assert.equal(await cluster.objects.get(configMap("last")), undefined);
    await project.run(destroy);
  });
});

function descendantsOf(pid: number): number[] {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && parentOf(Number(name)) === pid)
    .map(Number);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

function parentOf(pid: number): number | undefined {
  return Number(statOf(pid)?.[1]) || undefined;
}

function isAlive(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== "Z";
}

/** The fields of /proc/PID/stat after the command's name. */
function statOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ");
  } catch {
    return undefined;
  }
}
