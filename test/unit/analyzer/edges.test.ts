import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { fromSamples, fromWebhook } from "../../../analyzer/alerts.ts";
import { atOnce, eachOf } from "../../../analyzer/each-of.ts";
import { exposition } from "../../../analyzer/exposition.ts";
import { planBook, readPlanBook } from "../../../analyzer/plan-book.ts";
import { prometheusAt } from "../../../analyzer/prometheus.ts";
import { portOf, serve } from "../../../analyzer/server.ts";
import { readSettings } from "../../../analyzer/settings.ts";
import type { Phase } from "../../../rollout/plan/model.ts";
import { rolloutPhases } from "../../../rollout/transitions/desired.ts";
import type { TriggerAlert } from "../../../rollout/verdict/abort.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { wdbx } from "../../../stacks/systems/wdbx/index.ts";
import { FakeCluster } from "./fake.ts";

const labels = {
  ...{ alertname: "WdbxTriggerErrors", kind: "trigger", severity: "critical", system: "wdbx", track: "canary" },
  ...{ trigger: "errors", action: "zero", phase: "canary-5|canary-25", attempt: "2", revision: "r1" },
};
const posted = (over: object = {}) => ({
  version: "4",
  status: "firing",
  receiver: "analyzer",
  alerts: [{ status: "firing", labels, annotations: { summary: "errors", description: "7 %" }, ...over }],
});

describe("what Alertmanager and Prometheus say of triggers", () => {
  it("is the same alert, whichever way it comes", () => {
    const [one] = fromWebhook(posted())!;
    const [other] = fromSamples([{ labels: { ...labels, __name__: "ALERTS", alertstate: "firing" }, at: 1, value: 1 }]);
    assert.deepEqual(one, { ...other, reason: "errors; 7 %" });
    assert.deepEqual(one!.phases, ["canary-5", "canary-25"]);
  });

  it("says since when, where Alertmanager does", () => {
    const [one] = fromWebhook(posted({ startsAt: "2026-01-01T00:00:30.5Z" }))!;
    assert.equal(one!.since, Date.parse("2026-01-01T00:00:30.5Z") / 1000);
    assert.equal(fromWebhook(posted({ startsAt: "yesterday" })), undefined);
  });

  it("leaves out what is over, what only calls people, and what names no system", () => {
    for (const over of [
      { status: "resolved" },
      { labels: { ...labels, kind: "alert" } },
      { labels: { kind: "trigger" } },
    ])
      assert.deepEqual(fromWebhook(posted(over)), []);
  });

  it("refuses a body of any other shape", () => {
    for (const body of [null, [], "x", { version: "3", alerts: [] }, { version: "4" }, posted({ status: "maybe" })])
      assert.equal(fromWebhook(body), undefined);
  });
});

describe("what is done for all systems", () => {
  it("is begun in order, for so many at once, and nobody is left out", async () => {
    const all = Array.from({ length: 5 * atOnce }, (_, index) => index);
    const begun: number[] = [];
    let [running, most] = [0, 0];
    await eachOf(all, async (one) => {
      begun.push(one);
      running += 1;
      most = Math.max(most, running);
      await turn();
      running -= 1;
    });
    assert.equal(most, atOnce);
    assert.deepEqual(begun, all);
  });
});

describe("where the analyzer is asked", () => {
  let server: Server;
  let got: TriggerAlert[];
  let trouble: string | undefined;
  const url = (path: string) => `http://127.0.0.1:${portOf(server)}${path}`;
  const post = (body: string) => fetch(url("/alerts"), { method: "POST", body });

  before(async () => {
    const onAlerts = async (alerts: readonly TriggerAlert[]) => void got.push(...alerts);
    server = await serve({ metrics: () => "x 1\n", trouble: () => trouble, onAlerts }, 0);
  });
  after(() => server.close());
  beforeEach(() => {
    got = [];
  });

  it("takes alerts, and says so only when they were dealt with", async () => {
    assert.equal((await post(JSON.stringify(posted()))).status, 200);
    assert.equal(got.length, 1);
  });

  it("refuses what isn't an alert", async () => {
    for (const body of ["", "{", '{"version":"3"}', JSON.stringify({ text: "x".repeat(1_100_000) })])
      assert.equal((await post(body)).status, 400);
    assert.deepEqual(got, []);
  });

  it("says how it is, and what it knows", async () => {
    assert.equal((await fetch(url("/healthz"))).status, 200);
    trouble = "no look";
    assert.equal((await fetch(url("/healthz"))).status, 503);
    assert.equal(await (await fetch(url("/metrics"))).text(), "x 1\n");
    assert.equal((await fetch(url("/"))).status, 404);
  });
});

describe("a Prometheus by its address", () => {
  let server: Server;
  let answers: (path: string, form: URLSearchParams) => [number, string];
  before(async () => {
    server = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      const [status, body] = answers(request.url!, new URLSearchParams(text));
      response.writeHead(status).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  after(() => server.close());
  const prometheus = () => prometheusAt(`http://127.0.0.1:${portOf(server)}`);

  it("is asked for whole minutes, and its values are numbers", async () => {
    let asked: URLSearchParams | undefined;
    answers = (_path, form) => {
      asked = form;
      const result = [
        {
          metric: { system: "wdbx" },
          values: [
            [120, "3"],
            [180, "NaN"],
          ],
        },
      ];
      return [200, JSON.stringify({ status: "success", data: { resultType: "matrix", result } })];
    };
    const [first, second] = await prometheus().minutes("up", 60, 180);
    assert.deepEqual(first, { labels: { system: "wdbx" }, at: 120, value: 3 });
    assert.ok(Number.isNaN(second!.value));
    assert.deepEqual(
      ["start", "end", "step"].map((name) => asked!.get(name)),
      ["120", "180", "60"],
    );
  });

  it("has given no answer when it says no, or something else", async () => {
    for (const [status, body] of [
      [503, "starting"],
      [422, "bad query"],
      [200, "{}"],
      [200, "<html>"],
    ] as const) {
      answers = () => [status, body];
      await assert.rejects(prometheus().now("up"));
    }
  });
});

describe("what the analyzer tells Prometheus", () => {
  it("has whose attempt it is, who gets how much, and whether anybody drills", () => {
    const cluster = new FakeCluster();
    cluster.annotations = { "rampart.dev/drill-until": "2026-01-01T00:00:00Z" };
    const known = [{ live: cluster.live(), effective: { all: 5 } }];
    const facts = { known, drainFailures: new Map([["wdbx", 2]]), plan: () => plans[0] };
    const text = exposition({ ...facts, now: Date.parse("2025-12-31T23:00:00Z") / 1000 });
    const expected = [
      'rampart_rollout_info{system="wdbx",attempt="2",revision="r1",phase="canary-5"} 1',
      'rampart_drill_active{system="wdbx"} 1',
      'rampart_maintenance_active{system="wdbx"} 0',
      'rampart_drain_failures_total{system="wdbx"} 2',
    ];
    for (const line of expected) assert.ok(text.includes(`${line}\n`), `${line}\n\n${text}`);
    assert.match(exposition({ ...facts, now: Date.parse("2026-01-01T00:00:01Z") / 1000 }), /drill_active.* 0\n/);
  });

  it("has what the plans compare with once stable is gone", () => {
    const live = new FakeCluster().live();
    const windows = { "2/recorded/error-ratio:stable:app": [{ through: 60, n: 100, k: 5 }] };
    const known = [{ live: { ...live, status: { ...live.status, windows } }, effective: { all: 100 } }];
    const text = exposition({ known, drainFailures: new Map(), plan: () => plans[0], now: 0 });
    assert.ok(text.includes('rampart_baseline{system="wdbx",metric="error-ratio",of="recorded"} 0.05\n'), text);
  });

  it("weighs segments by their size", () => {
    const plan = plans.find(({ system }) => system === "wdbx")!;
    const known = [{ live: new FakeCluster().live(), effective: { [plan.segments[0]!.name]: 40 } }];
    const text = exposition({ known, drainFailures: new Map(), plan: () => plan, now: 0 });
    assert.match(text, /weight\{system="wdbx",track="canary"\} 40\n/);
    assert.match(text, /weight\{system="wdbx",track="stable"\} 60\n/);
  });
});

describe("the plans that the analyzer reads", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "plans-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("are found by the digests that Rollouts carry, whatever the environment's scale", async () => {
    for (const plan of plans) await writeFile(join(folder, `${plan.system}.json`), JSON.stringify(plan));
    const book = readPlanBook(folder);
    const stack = { environment: "rehearsal", scale: { time: 5760, size: 1 } } as const;
    for (const plan of plans)
      for (const { name, digest } of rolloutPhases(plan, "normal", stack)) assert.equal(book.phase(digest)?.name, name);
    assert.equal(book.phase("sha256:0"), undefined);
  });

  it("ask a smaller system for less of what it does as a whole, and for nothing else less", async () => {
    const at = (size: number) => planBook(plans, size);
    const stack = { environment: "rehearsal", scale: { time: 1, size: 1 } } as const;
    const { digest } = rolloutPhases(wdbx.plan, "normal", stack).find(({ name }) => name === "full")!;
    const [whole, small] = [at(1).phase(digest)!, at(100).phase(digest)!];
    const valuesOf = ({ criteria, triggers }: Phase) =>
      [...criteria, ...triggers].flatMap((one) => ("metric" in one ? [[one.metric, one.value] as const] : []));
    for (const [index, [metric, value]] of valuesOf(whole).entries()) {
      assert.deepEqual(valuesOf(small)[index], [metric, metric === "capacity" ? value / 100 : value]);
    }
    assert.ok(valuesOf(small).some(([metric, value]) => metric === "capacity" && value === 25));
  });

  it("are missed by name, and refused when they aren't plans", async () => {
    assert.throws(() => readPlanBook(folder), /no plans there/);
    await writeFile(join(folder, "wdbx.json"), "{}");
    assert.throws(() => readPlanBook(folder), /wdbx.json: not a plan/);
  });
});

describe("the analyzer's settings", () => {
  it("name the variable that is wrong", () => {
    const good = { PROMETHEUS: "http://a:9090,http://b:9090", PLANS: "/plans", STACK: "staging" };
    assert.deepEqual(readSettings(good).PROMETHEUS, ["http://a:9090", "http://b:9090"]);
    assert.throws(() => readSettings({ ...good, REHEARSAL: "yes" }), /variable REHEARSAL is wrong/);
    assert.throws(() => readSettings({ ...good, STACK: undefined }), /variable STACK is wrong/);
  });
});
