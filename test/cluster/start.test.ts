import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type ExecError, exec } from "../../local/exec.ts";
import { ensureImages } from "../../local/images/images.ts";
import { root, stateDir } from "../../local/paths.ts";
import { childrenOf, commandOf } from "../../local/process-id.ts";
import { toolPath } from "../../local/tools/tools.ts";
import { sharedCluster } from "../support/clusters.ts";
import { machineState } from "../support/leftovers.ts";

describe("npm start", function () {
  this.timeout(180_000);
  let state: string;
  let env: NodeJS.ProcessEnv;
  let shared: number[];
  let clean: Awaited<ReturnType<typeof machineState>>;
  const run = (script: string, ...args: string[]): Promise<string> =>
    exec(process.execPath, [join(root, "local", script), ...args], { env }).catch((error: ExecError) => {
      throw new Error(`${error.message}\n${error.stdout.slice(-3000)}`);
    });
  const kubectl = async (who: string, ...args: string[]): Promise<string> => {
    const kubeconfig = ["--kubeconfig", join(state, "kubeconfig"), "--context", `staging-${who}`];
    return exec(await toolPath("kubectl"), [...kubeconfig, ...args], { env });
  };

  before(async () => {
    shared = [(await sharedCluster("node")).slot];
    clean = await machineState(shared);
    state = await mkdtemp(join(stateDir, "start-"));
    env = { ...process.env, RAMPART_STATE: state };
  });

  after(async () => {
    await run("stop.ts", "--delete-data");
    await rm(state, { recursive: true, force: true });
    assert.deepEqual(await machineState(shared), clean);
  });

  it("leaves nothing behind after Ctrl-C", async () => {
    for (const moment of [/waiting for the API server/, /waiting for DNS/]) {
      const script = join(root, "local/start.ts");
      // A terminal sends the signal to the whole group.
      const start = spawn(process.execPath, [script], { env, stdio: ["ignore", "ignore", "pipe"], detached: true });
      for await (const line of createInterface(start.stderr)) if (moment.test(line)) break;
      process.kill(-start.pid!, "SIGINT");
      const [code] = await once(start, "exit");
      assert.equal(code, 130);
      assert.deepEqual(await machineState(shared), clean);
    }
  });

  it("may be killed while the cluster comes up", async () => {
    const start = spawn(process.execPath, [join(root, "local/start.ts")], { env, stdio: ["ignore", "ignore", "pipe"] });
    for await (const line of createInterface(start.stderr)) if (/waiting for the API server/.test(line)) break;
    start.kill("SIGKILL");
    await once(start, "exit");
  });

  it("deploys staging to a cluster of its own and shows that it serves", async () => {
    const said = await run("start.ts");
    assert.match(said, /wdbx\s+settled\s+2\/2\s+200 ok, 0 failed\s+1\.0\.0 ×200/);
    assert.match(said, /prometheus-0: \d+ of \d+ targets are up/);
  });

  it("changes nothing the second time", async () => {
    const said = await run("start.ts");
    assert.match(said, /unchanged/);
    assert.doesNotMatch(said, /\d+ (created|updated|replaced|deleted)/);
  });

  it("leaves a state in which a preview by hand finds nothing to do", async () => {
    for (const stack of ["staging-platform", "staging"]) {
      await run("pulumi.ts", "preview", "--stack", stack, "--expect-no-changes", "--refresh");
    }
  });

  it("answers all of a load's requests, which are counted until it is ended", async () => {
    const load = spawn(process.execPath, [join(root, "local/load.ts"), "wdbx"], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said: string[] = [];
    for await (const line of createInterface(load.stdout)) {
      said.push(line);
      load.kill("SIGTERM");
    }
    assert.match(said.at(-1)!, /^in all: [1-9]\d* requests, 0 failed; stable \d+; 99 % within [\d.]+ ms$/);
    assert.match(said[0]!, /^ +1 s: /);
  });

  it("gives each identity its rights and no others", async () => {
    const may = async (who: string, ...what: string[]): Promise<string> =>
      (await kubectl(who, "auth", "can-i", ...what).catch((error: ExecError) => error.stdout)).trim();
    assert.equal(await may("platform", "create", "namespaces"), "yes");
    assert.equal(await may("systems", "patch", "httproutes", "-n", "wdbx"), "yes");
    assert.equal(await may("systems", "create", "namespaces"), "no");
    assert.equal(await may("systems", "patch", "rolebindings", "-n", "wdbx"), "no");
    assert.equal(await may("systems", "patch", "deployments", "-n", "kube-system"), "no");
    assert.equal(await may("viewer", "get", "pods", "-n", "wdbx"), "yes");
    assert.equal(await may("viewer", "get", "secrets", "-n", "wdbx"), "no");
    assert.equal(await may("viewer", "patch", "deployments", "-n", "wdbx"), "no");
    assert.equal(await may("previewer", "patch", "httproutes", "-n", "wdbx"), "yes"); // a policy takes dry runs only
    assert.equal(await may("previewer", "get", "secrets", "-n", "wdbx"), "no");
  });

  it("goes on after an update that was killed halfway", async () => {
    // The same stack with a landing, so that there is something to be halfway through.
    const stackFile = await readFile(join(root, "Pulumi.staging.yaml"), "utf8");
    const changed = join(state, "Pulumi.staging.yaml");
    const [known, artifact] = [simulator.exec(stackFile)![0], await imageOf("simulator:1.1.0")];
    const settled = `artifact: "${known}"\n    percent: 100`;
    await writeFile(changed, stackFile.replace(settled, `artifact: "${artifact}"\n    percent: 0`));
    const up = spawn(
      process.execPath,
      [
        join(root, "local/pulumi.ts"),
        ...["up", "--yes", "--skip-preview", "--stack", "staging"],
        "--config-file",
        changed,
      ],
      { env, stdio: ["ignore", "pipe", "inherit"] },
    );
    for await (const line of createInterface(up.stdout)) if (/wdbx-canary-deployment updating/.test(line)) break;
    const engine = childrenOf(up.pid!).find((pid) => commandOf(pid) === "pulumi");
    process.kill(engine!, "SIGKILL");
    await once(up, "exit");

    const said = await run("start.ts");
    assert.match(said, /200 ok, 0 failed\s+1\.0\.0 ×200/);
    await run("pulumi.ts", "preview", "--stack", "staging", "--expect-no-changes");
    // These are what a kill at the wrong moment leaves half-written.
    assert.deepEqual(globSync("pulumi/state/**/*.attrs", { cwd: state }), []);
  });

  it("goes on after the whole node was killed", async () => {
    const { running }: { running: boolean } = JSON.parse(await run("cluster/cli.ts", "status", "--json"))[0];
    assert.equal(running, true);
    await killNode();
    const said = await run("start.ts");
    assert.match(said, /wdbx\s+settled\s+2\/2\s+200 ok, 0 failed/);
    assert.doesNotMatch(said, /\d+ (created|updated|replaced|deleted)/);
  });

  it("says what to type when the cluster isn't there", async () => {
    await run("stop.ts");
    await assert.rejects(run("pulumi.ts", "preview", "--stack", "staging"), /npm start/);
  });

  async function killNode(): Promise<void> {
    for (const file of await readdir("/run/rampart")) {
      const use = await readFile(join("/run/rampart", file), "utf8");
      if (use.includes(state)) process.kill(JSON.parse(use).init.pid, "SIGKILL");
    }
  }
});

const simulator = /rampart\.local\/simulator@sha256:[0-9a-f]{64}/;
const imageOf = async (name: string): Promise<string> => (await ensureImages([name]))[0]!.reference;
