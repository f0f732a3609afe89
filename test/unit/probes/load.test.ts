import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { judgeLoad, loadProbe, send } from "../../../cli/probes/load.ts";
import type { Target } from "../../../cli/probes/model.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const plan = plans.find(({ system }) => system === "dwcp-manager")!;
const limited = {
  ...plan,
  objectives: [...plan.objectives, { ...plan.objectives[0]!, metric: "latency-p99", op: "<", value: 50 }],
} as typeof plan;

/** A real server on loopback. */
describe("the probe of half as much load again", () => {
  let server: Server;
  let answers: (count: number) => number;
  let hosts: Set<string | undefined>;
  const door = () => ({ address: `127.0.0.1:${(server.address() as AddressInfo).port}` });
  const load = () => send({ door: door(), host: "app.example.com", rate: 100, seconds: 1 });

  beforeEach(async () => {
    let count = 0;
    hosts = new Set();
    answers = () => 200;
    server = createServer((request, response) => {
      hosts.add(request.headers.host);
      response.writeHead(answers(count++)).end("x");
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    server.close();
    server.closeAllConnections();
  });

  it("asks as often as it should, under the system's name, and holds where all is answered", async () => {
    const seen = await load();
    assert.equal(seen.times.length + seen.failed, 100);
    assert.deepEqual([...hosts], ["app.example.com"]);
    assert.equal(seen.failed, 0);
    const { figures } = judgeLoad(seen, 100, plan);
    assert.deepEqual([figures.requests, figures.failed], [100, 0]);
  });

  it("counts what fails, and says how much of it may", async () => {
    answers = (count) => (count % 10 === 0 ? 503 : 200);
    const { holds, said } = judgeLoad(await load(), 100, plan);
    assert.equal(holds, false);
    assert.match(said, /10 % failed, 0\.1 % may/);
  });

  it("holds nothing where nobody answers", async () => {
    const gone = door();
    server.close();
    server.closeAllConnections();
    const seen = await send({ door: gone, host: "app.example.com", rate: 20, seconds: 0.5 });
    assert.equal(seen.failed, 10);
    assert.equal(judgeLoad(seen, 20, plan).holds, false);
  });

  it("is no judge where it couldn't send enough, or answers were slow", () => {
    const times = Array.from({ length: 100 }, (_, index) => index);
    const seen = { times, failed: 0, held: 0, seconds: 1 };
    assert.equal(judgeLoad(seen, 100, plan).holds, true);
    assert.match(judgeLoad(seen, 150, plan).said, /only 100 of 150 a second/);
    assert.match(judgeLoad({ ...seen, held: 1 }, 100, plan).said, /could be sent/);
    assert.match(judgeLoad(seen, 100, limited).said, /p99 is 99\.0 ms, 50 ms are allowed/);
  });

  it("doesn't run in production, without a door, or without knowing what is expected", async () => {
    const config = (environment: string, expectedRps?: number) => ({
      environment,
      systems: { "dwcp-manager": { expectedRps } },
    });
    const target = (over: object) => ({ plan, namespace: "dwcp-manager", door: door(), ...over }) as unknown as Target;
    await assert.rejects(loadProbe.measure(target({ config: config("production", 10) })), /production is no place/);
    await assert.rejects(loadProbe.measure(target({ config: config("staging") })), /no expectedRps for dwcp-manager/);
    await assert.rejects(loadProbe.measure(target({ config: config("staging", 10), door: undefined })), /--address/);
    const api = { get: async () => undefined };
    await assert.rejects(
      loadProbe.measure(target({ config: config("staging", 10), api })),
      /no route with a host name/,
    );
  });
});
