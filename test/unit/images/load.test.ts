import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type ExecError, exec } from "../../../local/exec.ts";
import { compiledProgram } from "../../../local/images/programs.ts";
import { waitFor } from "../../../local/wait.ts";
import { needsGo } from "./go.ts";
import { Simulator } from "./simulator-process.ts";

interface Report {
  readonly requests: number;
  readonly failed: number;
  readonly tracks: Record<string, { requests: number; byStatus: object; byError: object }>;
  readonly latencyMs: { p50: number; p99: number; max: number };
}

describe("the load generator", function () {
  this.timeout(20_000);
  let simulator: Simulator;
  let load: string;

  before(async function () {
    await needsGo(this);
    this.timeout(300_000);
    load = await compiledProgram("load");
    await compiledProgram("simulator");
    simulator = await Simulator.start();
  });
  after(() => simulator?.stop());
  afterEach(() => simulator.clearFaults());

  const run = async (...args: string[]): Promise<Report> => JSON.parse(await exec(load, args));

  it("sends exactly rate times duration, also when the answers are slower than that", async () => {
    await simulator.setFaults({ latency: { fixedMs: 100 } });
    const before = await simulator.metric("http_requests_total");
    const report = await run("-rate", "300", "-duration", "500ms", "-users", "10", simulator.app);
    assert.equal(report.requests, 150);
    assert.equal((await simulator.metric("http_requests_total")) - before, 150);
    assert.ok(report.latencyMs.p50 >= 100);
  });

  it("counts by track, status and kind of error, as the target itself counts", async () => {
    await simulator.setFaults({ errors: { ratio: 0.5 }, wrongData: { ratio: 0.2 } });
    const counted = async (code: string): Promise<number> =>
      ((await simulator.stats()).byCode as Record<string, number>)[code] ?? 0;
    const before = { 200: await counted("200"), 500: await counted("500") };
    const report = await run("-rate", "1000", "-duration", "300ms", simulator.app);
    const byStatus = { 200: (await counted("200")) - before[200], 500: (await counted("500")) - before[500] };
    assert.deepEqual(Object.keys(report.tracks), ["canary"]);
    assert.deepEqual(report.tracks.canary!.byStatus, byStatus);
    const wrong = (report.tracks.canary!.byError as Record<string, number>)["wrong-data"] ?? 0;
    assert.ok(wrong > 0);
    assert.equal(report.failed, byStatus[500] + wrong);
  });

  it("says why nothing came back", async () => {
    const gone = await Simulator.start();
    await gone.stop();
    const report = await run("-rate", "20", "-duration", "200ms", gone.app);
    assert.deepEqual(report.tracks, {
      none: { ...report.tracks.none, requests: 4, failed: 4, byError: { refused: 4 } },
    });
    await simulator.setFaults({ hang: { ratio: 1 } });
    const hung = await run("-rate", "20", "-duration", "100ms", "-timeout", "50ms", simulator.app);
    assert.deepEqual(hung.tracks.none!.byError, { timeout: 2 });
  });

  it("sends user ids and the Host header that it is told", async () => {
    const target = `${simulator.app}/echo`;
    await run("-rate", "50", "-duration", "40ms", "-users", "3", "-host", "app.example-shadow", target);
    assert.equal((await simulator.stats()).mirrored, 2, "the host marks a mirrored request");
  });

  it("serves its counts while it runs, starts them anew on request, and reports on SIGTERM", async () => {
    const args = ["-rate", "50", "-listen", "127.0.0.1:0", "-progress", simulator.app];
    const child = spawn(load, args, { stdio: ["ignore", "pipe", "pipe"] });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
    const [said] = await once(createInterface({ input: child.stderr }), "line");
    const url = `http://${JSON.parse(said as string).address}`;
    const stats = async (): Promise<Report> => (await (await fetch(`${url}/stats`)).json()) as Report;
    await waitFor("requests", async () => (await stats()).requests > 50);
    await waitFor("a line of progress", async () => lines.length > 0);
    assert.match(
      await (await fetch(`${url}/metrics`)).text(),
      /^load_requests_total\{track="canary",status="200"\} \d+$/m,
    );
    assert.equal((await fetch(`${url}/reset`, { method: "POST" })).status, 204);
    const { requests } = await stats();
    assert.ok(requests < 50, `${requests} requests right after the reset`);
    child.kill("SIGTERM");
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    assert.ok((JSON.parse(lines.at(-1)!) as Report).requests >= requests);
  });

  it("probes: counts by track and status, and a failure is the exit code", async () => {
    const probe = ["probe", simulator.app, "-n", "5", "-timeout", "2s", "-host", "app.example"];
    assert.deepEqual(JSON.parse(await exec(load, probe)), {
      requests: 5,
      failed: 0,
      tracks: { canary: { 200: 5 } },
      errors: {},
    });
    await simulator.setFaults({ errors: { ratio: 1, code: 503 } });
    await assert.rejects(exec(load, probe), (error: ExecError) => {
      assert.deepEqual(JSON.parse(error.stdout).tracks, { canary: { 503: 5 } });
      return error.code === 1 && /5 of 5 requests to .* failed/.test(error.stderr);
    });
  });

  it("resolves a name, and sleeps until it is told to end", async () => {
    assert.equal(JSON.parse(await exec(load, ["resolve", "localhost"])).name, "localhost");
    const sleeping = spawn(load, ["sleep"], { stdio: ["ignore", "pipe", "inherit"] });
    await once(sleeping.stdout, "data");
    sleeping.kill("SIGTERM");
    assert.deepEqual(await once(sleeping, "exit"), [0, null]);
  });

  it("says what is wrong with a rate or a target", async () => {
    const message = (...args: string[]): Promise<string> =>
      exec(load, args).then(
        () => "accepted",
        (error: ExecError) => error.stderr,
      );
    assert.match(await message("-rate", "fast", simulator.app), /rate "fast": want requests per second/);
    assert.match(await message("localhost:80"), /target "localhost:80": want a URL/);
    assert.match(await message("probe"), /want one, the URL of the target/);
  });

  it("leaves the simulator under 25 MB while both are busy on 200 connections", async () => {
    let most = 0;
    const busy = run("-rate", "1500", "-duration", "1s", "-connections", "200", simulator.app);
    const sampled = (async () => {
      let running = true;
      busy.finally(() => {
        running = false;
      });
      while (running) {
        most = Math.max(most, await simulator.residentBytes());
        await simulator.metric("http_requests_total");
      }
    })();
    assert.equal((await busy).requests, 1500);
    await sampled;
    assert.ok(most < 25e6, `${(most / 1e6).toFixed(1)} MB`);
  });
});
