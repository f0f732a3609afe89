import assert from "node:assert/strict";
import { compiledProgram } from "../../../local/images/programs.ts";
import { waitFor } from "../../../local/wait.ts";
import { needsGo } from "./go.ts";
import { Simulator } from "./simulator-process.ts";

const mebibyte = 1024 * 1024;

describe("the simulator", function () {
  this.timeout(20_000);
  let simulator: Simulator;

  before(async function () {
    await needsGo(this);
    this.timeout(300_000);
    await compiledProgram("simulator");
    simulator = await Simulator.start();
  });
  after(() => simulator?.stop());
  afterEach(() => simulator.clearFaults());

  it("says who it is, on every path", async () => {
    const { status, headers, body } = await simulator.get("/any/path");
    assert.equal(status, 200);
    assert.deepEqual(
      ["x-system", "x-track", "x-version"].map((name) => headers.get(name)),
      ["wdbx", "canary", "1.1.0"],
    );
    assert.equal(body.track, "canary");
  });

  it("echoes what it received and knows a mirrored request by its header or its host", async () => {
    const received = async (headers: Record<string, string>) =>
      (await simulator.get("/echo?user=42", { headers })).body.received as Record<string, unknown>;
    assert.equal((await received({})).user, "42");
    assert.equal((await received({})).mirrored, false);
    const before = (await simulator.stats()).mirrored as number;
    assert.equal((await received({ "x-mirror": "1" })).mirrored, true);
    assert.equal((await simulator.stats()).mirrored, before + 1);
    assert.equal((await simulator.metric("http_mirrored_requests_total")) - before, 1);
  });

  it("counts every request in its generic metrics and in those of its system", async () => {
    const names = ["http_requests_total", "http_request_duration_seconds_count", "wdbx_operations_total"];
    const counts = (): Promise<number[]> => Promise.all(names.map((name) => simulator.metric(name)));
    const before = await counts();
    await simulator.statuses(20);
    assert.deepEqual(
      await counts(),
      before.map((count) => count + 20),
    );
    for (const gauge of ["process_resident_memory_bytes", "process_start_time_seconds", "go_goroutines"]) {
      assert.ok((await simulator.metric(gauge)) > 0, gauge);
    }
  });

  it("fails the share of requests that it is told to, with the code that it is told", async () => {
    const before = await simulator.metric("wdbx_errors_total");
    await simulator.setFaults({ errors: { ratio: 0.3, code: 503 } });
    const counts = await simulator.statuses(400);
    const failed = counts.get(503) ?? 0;
    assert.equal((counts.get(200) ?? 0) + failed, 400);
    assert.ok(failed > 80 && failed < 160, `${failed} of 400 failed`);
    assert.equal((await simulator.metric("wdbx_errors_total")) - before, failed);
    await simulator.clearFaults();
    assert.deepEqual([...(await simulator.statuses(20))], [[200, 20]]);
  });

  it("delays a share of the requests, in its metrics as well", async () => {
    const slower = async (): Promise<number> => {
      const buckets = await simulator.metrics("wdbx_operation_duration_seconds_bucket");
      const upTo = (le: string) => [...buckets].find(([series]) => series.includes(`le="${le}"`))![1];
      return upTo("+Inf") - upTo("0.03");
    };
    const before = await slower();
    await simulator.setFaults({ latency: { fixedMs: 40, jitterMs: 5, ratio: 0.5 } });
    const took: number[] = [];
    for (let i = 0; i < 40; i++) {
      const start = performance.now();
      await simulator.get();
      took.push(performance.now() - start);
    }
    const measured = (await slower()) - before;
    assert.ok(measured >= 8 && measured <= 32, `${measured} of 40 were slow`);
    assert.ok(took.filter((ms) => ms >= 40).length >= measured);
  });

  it("lets requests hang until the fault is lifted", async () => {
    await simulator.setFaults({ hang: { ratio: 1 } });
    let answered = false;
    const hanging = simulator.get().then((answer) => {
      answered = true;
      return answer;
    });
    await waitFor("the request to arrive", async () => (await simulator.stats()).inFlight === 1);
    assert.equal(answered, false);
    await simulator.clearFaults();
    assert.equal((await hanging).status, 200);
  });

  it("gives wrong data that a client can tell from right data", async () => {
    const right = (await simulator.get("/value")).body;
    await simulator.setFaults({ wrongData: { ratio: 1 } });
    const before = await simulator.metric("data_integrity_violations_total");
    const wrong = (await simulator.get("/value")).body;
    assert.equal(wrong.value, right.value);
    assert.notEqual(wrong.checksum, right.checksum);
    assert.equal((await simulator.metric("data_integrity_violations_total")) - before, 1);
  });

  it("fails its probes one by one, and both are well again afterwards", async () => {
    const probes = async () => [await simulator.probe("/healthz"), await simulator.probe("/readyz")];
    assert.deepEqual(await probes(), [200, 200]);
    await simulator.setFaults({ health: { ready: false } });
    assert.deepEqual(await probes(), [200, 503]);
    assert.equal(await simulator.metric("simulator_healthy"), 0);
    await simulator.setFaults({ health: { live: false } });
    assert.deepEqual(await probes(), [503, 200]);
    await simulator.clearFaults();
    assert.deepEqual(await probes(), [200, 200]);
  });

  it("sets, freezes and drops single metrics", async () => {
    await simulator.setFaults({
      metrics: {
        wdbx_connection_pool_in_use: { set: 4600 },
        wdbx_operations_total: { freeze: true },
        loadtest_active: { drop: true },
      },
    });
    const frozen = await simulator.metric("wdbx_operations_total");
    await simulator.statuses(3);
    assert.equal(await simulator.metric("wdbx_connection_pool_in_use"), 4600);
    assert.equal(await simulator.metric("wdbx_operations_total"), frozen);
    assert.equal((await simulator.metrics("loadtest_active")).size, 0);
    await simulator.clearFaults();
    assert.equal(await simulator.metric("wdbx_operations_total"), frozen + 3);
    assert.equal((await simulator.metrics("loadtest_active")).size, 1);
  });

  it("refuses a fault that it doesn't know, says what there is, and goes on as before", async () => {
    await simulator.setFaults({ errors: { ratio: 1 } });
    const { status, body } = await simulator.setFaults({ error: { ratio: 1 } });
    assert.equal(status, 400);
    assert.match(String(body.error), /unknown field "error"; allowed: errors\{ratio,code\}/);
    assert.equal((await simulator.setFaults("{")).status, 400);
    assert.equal((await simulator.get()).status, 500);
  });

  it("grows its memory up to the limit and gives it back", async () => {
    const before = await simulator.residentBytes();
    await simulator.setFaults({ memory: { mbPerSecond: 400, limitMb: 40 } });
    const grown = async (): Promise<number> => (await simulator.residentBytes()) - before;
    await waitFor("the memory to grow", async () => (await grown()) > 38 * mebibyte);
    assert.ok((await simulator.metric("process_resident_memory_bytes")) > before + 38 * mebibyte);
    await simulator.statuses(20);
    assert.ok((await grown()) < 50 * mebibyte, "the limit holds");
    await simulator.clearFaults();
    await waitFor("the memory to be given back", async () => (await grown()) < 10 * mebibyte);
  });
});

describe("a simulator that ends", function () {
  this.timeout(20_000);
  before(async function () {
    await needsGo(this);
    this.timeout(300_000);
    await compiledProgram("simulator");
  });

  it("crashes at once or with the request that was named, with the code that was named", async () => {
    const first = await Simulator.start();
    assert.equal((await first.setFaults({ crash: { exitCode: 7 } })).status, 200);
    assert.equal(await first.ended, 7);
    const second = await Simulator.start();
    await second.setFaults({ crash: { exitCode: 8, afterRequests: 3 } });
    assert.deepEqual([...(await second.statuses(3))], [[200, 3]]);
    assert.equal(await second.ended, 8);
  });

  it("drains on SIGTERM: no longer ready, still answering, ending well with the last request", async () => {
    const simulator = await Simulator.start({ DRAIN: "2s", FAULTS: '{"hang": {"ratio": 1}}' });
    const pending = simulator.get();
    await waitFor("the request to arrive", async () => (await simulator.stats()).inFlight === 1);
    simulator.process.kill("SIGTERM");
    await waitFor("not ready", async () => (await simulator.probe("/readyz")) === 503, { interval: 5 });
    await simulator.clearFaults();
    assert.equal((await pending).status, 200);
    const late = await simulator.get();
    assert.equal(late.status, 200, "new requests are answered while it drains");
    assert.equal(late.headers.get("connection"), "close", "and their connections go elsewhere next time");
    assert.equal(await simulator.ended, 0);
  });

  it("refuses to start with faults or a track that it doesn't know", async () => {
    await assert.rejects(Simulator.start({ FAULTS: '{"x": 1}' }), /ended with 1: .*unknown field "x"/);
    await assert.rejects(Simulator.start({ TRACK: "beta" }), /track "beta": allowed are stable and canary/);
  });
});
