import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Analyzer } from "../../../analyzer/analyzer.ts";
import type { PlanBook } from "../../../analyzer/plan-book.ts";
import type { PrometheusPort } from "../../../analyzer/ports.ts";
import { signerFrom } from "../../../analyzer/signing-key.ts";
import { parseAllowedSigners } from "../../../rollout/evidence/allowed-signers.ts";
import type { Evidence } from "../../../rollout/evidence/evidence-file.ts";
import { verifyLog } from "../../../rollout/evidence/log.ts";
import { publicKeyTextOf } from "../../../rollout/evidence/ssh-signature.ts";
import { verifyEvidence } from "../../../rollout/evidence/verify.ts";
import type { TriggerAlert } from "../../../rollout/verdict/abort.ts";
import type { Sample } from "../../../rollout/verdict/answers.ts";
import { recordDigest, replayDifferences } from "../../../rollout/verdict/record.ts";
import { plans as allPlans } from "../../../stacks/systems/plans.ts";
import { pem } from "../evidence/fixture.ts";
import { phase, spec, start } from "../verdict/fixture.ts";
import { FakeCluster, FakeEvidence, noPrometheus, portsOf } from "./fake.ts";

const key = pem();
const keyFile = join(mkdtempSync(join(tmpdir(), "analyzer-key-")), "key.pem");
const plans: PlanBook = { plan: () => undefined, phase: () => phase };
const options = { stack: "rehearsal", isRehearsal: true };
const alert: TriggerAlert = {
  ...{ system: "wdbx", trigger: "errors", reason: "7 % failed", action: "zero" },
  ...{ attempt: "2", revision: "r1", phases: ["canary-5"] },
};

/** As Prometheus would answer about a canary that does well: whatever is asked, for every minute. */
function prometheus(failedShare = 0, isDown = () => false): PrometheusPort & { asked: string[] } {
  const asked: string[] = [];
  const sample = (query: string, track: string, at: number): Sample[] => {
    const labels = { system: "wdbx", track };
    const one = (value: number) => [{ labels, at, value }];
    const requests = track === "canary" ? 1200 : 22_800;
    if (query.includes("up{job")) return one(1);
    if (query.includes("envoy_cluster_upstream_rq_total")) return one(requests);
    if (query.includes("data_integrity")) return one(0);
    const isFailures = /errors_total|class="5"/.test(query);
    return one(isFailures ? requests * (track === "canary" ? failedShare : 0.0001) : requests);
  };
  const tracks = ["canary", "stable"];
  const checked = (query: string): void => {
    asked.push(query);
    if (isDown()) throw new Error("refused");
  };
  return {
    asked,
    async now(query) {
      checked(query);
      return query.includes("memory")
        ? tracks.map((track) => ({ labels: { system: "wdbx", track }, at: start, value: 12 }))
        : [];
    },
    async minutes(query, from, through) {
      checked(query);
      const at = Array.from({ length: (through - from) / 60 }, (_, index) => from + (index + 1) * 60);
      return at.flatMap((one) => tracks.flatMap((track) => sample(query, track, one)));
    },
  };
}

describe("the analyzer", () => {
  let cluster: FakeCluster;
  before(() => writeFileSync(keyFile, key));
  after(() => rmSync(dirname(keyFile), { recursive: true }));
  beforeEach(() => {
    cluster = new FakeCluster();
  });

  it("latches first and drains at once, tells it once, and nothing else moves", async () => {
    const analyzer = new Analyzer(portsOf(cluster), plans, options);
    await analyzer.look();
    cluster.deeds.length = 0;
    await analyzer.onAlerts([alert], "webhook");
    assert.deepEqual(cluster.deeds, ["latch", "drain"]);
    assert.deepEqual(cluster.status.aborted?.to, { all: 0 });
    assert.deepEqual(
      cluster.events.map(({ name, isWarning }) => [name, isWarning]),
      [["rollout-abort-2", true]],
    );
    await analyzer.onAlerts([alert], "poll");
    await analyzer.look();
    assert.deepEqual(cluster.drains, [["everybody-to-stable"]]);
    assert.equal(cluster.status.verdict?.outcome, "Failed");
  });

  it("ends no attempt by the alert of another one", async () => {
    const analyzer = new Analyzer(portsOf(cluster), plans, options);
    await analyzer.look();
    const others: Partial<TriggerAlert>[] = [
      { attempt: "1" },
      { attempt: "" },
      { revision: "r0" },
      { phases: ["half"] },
      { system: "dwcp-v3" },
    ];
    for (const other of others) await analyzer.onAlerts([{ ...alert, ...other }], "webhook");
    assert.equal(cluster.status.aborted, undefined);
    assert.deepEqual(cluster.drains, []);
  });

  it("lowers again whatever somebody raises, for as long as the attempt is over", async () => {
    const analyzer = new Analyzer(portsOf(cluster), plans, options);
    await analyzer.look();
    await analyzer.onAlerts([alert], "poll");
    cluster.exposure = { effective: { all: 5 }, isProgrammed: true };
    await analyzer.look();
    assert.equal(cluster.drains.length, 2);
    assert.deepEqual(cluster.exposure.effective, { all: 0 });
  });

  it("tries a drain again that has failed, and counts it", async () => {
    const analyzer = new Analyzer(portsOf(cluster), plans, options);
    await analyzer.look();
    cluster.drainFails = true;
    await analyzer.onAlerts([alert], "webhook");
    assert.equal(analyzer.drainFailures.get("wdbx"), 1);
    cluster.drainFails = false;
    await analyzer.look();
    assert.deepEqual(cluster.exposure.effective, { all: 0 });
  });

  it("ends copies too, though nobody's share is any different by them", async () => {
    const analyzer = new Analyzer(portsOf(cluster), plans, options);
    cluster.exposure = { effective: { all: 0 }, isProgrammed: true, isMirrored: true };
    await analyzer.look();
    cluster.drainFails = true;
    await analyzer.onAlerts([alert], "webhook");
    assert.equal(cluster.status.onTarget, false);
    cluster.drainFails = false;
    await analyzer.look();
    assert.equal(cluster.exposure.isMirrored, undefined);
    await analyzer.look();
    assert.deepEqual([cluster.drains.length, cluster.status.onTarget], [2, true]);
  });

  it("reads again and goes on when somebody has written in between", async () => {
    const analyzer = new Analyzer(portsOf(cluster), plans, options);
    await analyzer.look();
    cluster.intrudes = 2;
    await analyzer.onAlerts([alert], "webhook");
    assert.equal(cluster.status.aborted?.trigger, "errors");
  });

  it("takes a system down on a person's wish", async () => {
    const analyzer = new Analyzer(portsOf(cluster), plans, options);
    cluster.status = { aborted: { attempt: 2, trigger: "a person", reason: "annotation", to: {} } };
    await analyzer.look();
    assert.deepEqual(cluster.status.aborted?.to, { all: 0 });
    assert.deepEqual(cluster.exposure.effective, { all: 0 });
  });

  it("raises nothing that lies lower than it may", async () => {
    const analyzer = new Analyzer(portsOf(cluster), plans, options);
    cluster.exposure = { effective: { all: 0 }, isProgrammed: true };
    await analyzer.look();
    assert.deepEqual(cluster.drains, []);
    assert.equal(cluster.status.onTarget, false);
  });

  it("passes a good canary, also when two look, one begins anew at each minute, and Prometheus was away", async () => {
    let now = start;
    let isAway = false;
    const source = prometheus(0, () => isAway);
    const ports = portsOf(cluster, { at: () => now, prometheuses: [source] });
    const steady = new Analyzer(ports, plans, options);
    for (let minute = 0; minute < 12; minute += 1, now += 60) {
      isAway = minute === 4;
      const reborn = new Analyzer(ports, plans, options);
      for (const one of [reborn, steady]) {
        await one.look();
        await one.measure();
        await one.look();
      }
      if (isAway) assert.match(cluster.status.verdict!.reason!, /nothing can be measured/);
    }
    assert.equal(cluster.status.verdict?.outcome, "Passed", cluster.status.verdict?.reason);
    const soak = cluster.status.windows!["2/canary-5/soak"]!;
    assert.equal(
      soak.reduce((sum, { k }) => sum + k, 0),
      60 * soak.length,
    );
    assert.ok(soak.length >= 9, "the minute without Prometheus was counted when it was back");
  });

  it("asks the same number of questions for one system as for many", async () => {
    const source = prometheus();
    let now = start;
    const ports = portsOf(cluster, { at: () => now, prometheuses: [source] });
    const analyzer = new Analyzer(ports, plans, options);
    await analyzer.look();
    now += 200;
    await analyzer.look();
    await analyzer.measure();
    const one = source.asked.length;
    const many = new FakeCluster();
    many.systems = async () => {
      const live = cluster.live();
      const systems = ["wdbx", "dwcp-probft", "dwcp-tpbft", "dwcp-bullshark"];
      return Object.fromEntries(
        systems.map((system) => [
          system,
          { namespace: system, rollout: { ...live, spec: { ...spec(), system } }, listedPlans: [] },
        ]),
      );
    };
    const other = new Analyzer({ ...ports, cluster: many }, plans, options);
    await other.look();
    source.asked.length = 0;
    await other.measure();
    assert.equal(source.asked.length, one);
  });

  it("ends an attempt by its own counts, without any alert", async () => {
    let now = start;
    const ports = portsOf(cluster, { at: () => now, prometheuses: [prometheus(0.2)] });
    const analyzer = new Analyzer(ports, plans, options);
    for (let minute = 0; minute < 9; minute += 1, now += 60) {
      await analyzer.look();
      await analyzer.measure();
    }
    assert.equal(cluster.status.aborted?.trigger, "errors");
    assert.deepEqual(cluster.exposure.effective, { all: 0 });
  });

  it("sees steps also where signatures can't be read, and passes nothing then", async () => {
    cluster.signed = () => Promise.reject(new Error("allowed_signers:1: expected a principal"));
    const book: PlanBook = { ...plans, plan: () => allPlans[0] };
    const analyzer = new Analyzer(portsOf(cluster), book, { stack: "production", isRehearsal: false });
    await analyzer.look();
    assert.equal(cluster.status.observedStep, 3);
    assert.match(cluster.status.verdict!.reason!, /it can't be read \(allowed_signers:1/);
  });

  it("looks up what was signed at once when the Rollout has changed, and otherwise every few seconds", async () => {
    let [now, asked] = [start, 0];
    cluster.signed = async () => {
      asked += 1;
      return { files: [], signers: [] };
    };
    const book: PlanBook = { ...plans, plan: () => allPlans[0] };
    const analyzer = new Analyzer(portsOf(cluster, { at: () => now }), book, {
      stack: "production",
      isRehearsal: false,
    });
    const askedAfter = async (seconds: number, change?: () => void): Promise<number> => {
      const before = asked;
      now += seconds;
      change?.();
      await analyzer.look();
      return asked - before;
    };
    for (let looks = 0; looks < 3; looks += 1) await analyzer.look();
    assert.deepEqual([await askedAfter(0.5), await askedAfter(0.5)], [0, 0]);
    assert.equal(await askedAfter(5), 1);
    assert.equal(await askedAfter(0.5, () => ++cluster.version), 1);
  });

  it("says that nobody is left only when no request was counted, and once", async () => {
    let served: number | undefined;
    const labels = { system: "wdbx" };
    const counts = {
      ...noPrometheus,
      now: async () => (served === undefined ? [] : [{ labels, at: 0, value: served }]),
    };
    const analyzer = new Analyzer(portsOf(cluster, { prometheuses: [counts] }), plans, options);
    await analyzer.look();
    await analyzer.onAlerts([alert], "webhook");
    for (let looks = 0; looks < 3; looks += 1) await analyzer.look();
    const told = () => cluster.events.filter(({ reason }) => reason === "Drained").length;
    for (const [count, times] of [
      [undefined, 0],
      [3, 0],
      [0, 1],
      [0, 1],
    ] as const) {
      served = count;
      await analyzer.verify();
      assert.equal(told(), times, String(count));
    }
  });

  it("takes one Prometheus for both where the other is away", async () => {
    const answer = [
      {
        labels: { kind: "trigger", trigger: "errors", action: "zero", phase: "canary-5", system: "wdbx" },
        at: 0,
        value: 1,
      },
    ];
    const labels = { ...answer[0]!.labels, attempt: "2", revision: "r1" };
    const here = { ...noPrometheus, now: async () => [{ ...answer[0]!, labels }] };
    const away = { ...noPrometheus, now: () => Promise.reject(new Error("refused")) };
    const analyzer = new Analyzer(portsOf(cluster, { prometheuses: [away, here] }), plans, options);
    await analyzer.look();
    await analyzer.poll();
    assert.equal(cluster.status.aborted?.trigger, "errors");
  });

  it("keeps what a pass rests on before it says so, and says nothing that it can't keep", async () => {
    let now = start;
    const evidence = new FakeEvidence();
    evidence.isFull = true;
    const signer = signerFrom(keyFile, "rehearsal");
    const analyzer = new Analyzer(
      portsOf(cluster, { at: () => now, prometheuses: [prometheus()], evidence, signer }),
      plans,
      options,
    );
    const watch = async (minutes: number) => {
      for (let minute = 0; minute < minutes; minute += 1, now += 60) {
        await analyzer.look();
        await analyzer.measure();
        await analyzer.look();
      }
    };
    await watch(11);
    assert.notEqual(cluster.status.verdict?.outcome, "Passed");
    evidence.isFull = false;
    await watch(2);
    const [record] = evidence.records;
    assert.equal(evidence.records.length, 1);
    assert.deepEqual(replayDifferences(record!), []);
    assert.deepEqual(record!.said.passed, ["canary-5"]);
    assert.equal(cluster.status.passed?.at(-1)?.evidence, recordDigest(record!));
    assert.deepEqual(cluster.log.entries.at(-1)?.evidence, [recordDigest(record!)]);
    const [{ statement }] = evidence.signed as [Evidence];
    assert.equal(statement.figures?.record, recordDigest(record!));
    assert.equal(statement.logHead, cluster.log.entries.at(-1)?.previous);
    const word = verifyEvidence(
      evidence.signed[0]!,
      { ...statement, attempt: 2, items: ["phase-passed"], roles: ["analyzer"] },
      parseAllowedSigners(`analyzer@rehearsal namespaces="rampart-evidence" ${publicKeyTextOf(key)} roles=analyzer`),
      { now },
      "pass.json",
    );
    assert.deepEqual(word, []);
  });

  it("keeps what was there when an attempt ended, and the log names it", async () => {
    const evidence = new FakeEvidence();
    const analyzer = new Analyzer(portsOf(cluster, { evidence }), plans, options);
    await analyzer.look();
    await analyzer.onAlerts([alert], "webhook");
    for (let looks = 0; looks < 3; looks += 1) await analyzer.look();
    assert.equal(evidence.records.length, 1);
    const [record] = evidence.records;
    assert.deepEqual(
      [record!.end, record!.said.aborted?.trigger, record!.scene?.logs],
      ["aborted", "errors", "where the logs are"],
    );
    assert.deepEqual(cluster.log.entries.at(-1)?.evidence, [recordDigest(record!)]);
  });

  it("keeps a log of the attempt that two of it don't tear", async () => {
    const both = [new Analyzer(portsOf(cluster), plans, options), new Analyzer(portsOf(cluster), plans, options)];
    const lookAll = () => Promise.all(both.map((one) => one.look()));
    for (let looks = 0; looks < 3; looks += 1) await lookAll();
    await both[0]!.onAlerts([alert], "webhook");
    for (let looks = 0; looks < 3; looks += 1) await lookAll();
    assert.deepEqual(
      cluster.log.entries.map(({ kind }) => kind),
      ["landed", "aborted"],
    );
    assert.deepEqual(verifyLog({ system: "wdbx", stack: "rehearsal", attempt: 2 }, cluster.log.entries), []);
  });

  it("puts a settled system on record", async () => {
    cluster.spec = spec({ stable: "B", phase: undefined });
    cluster.exposure = { effective: { all: 0 }, isProgrammed: true };
    const analyzer = new Analyzer(portsOf(cluster), plans, options);
    await analyzer.look();
    assert.ok(cluster.deeds.includes("record B 2"));
    assert.equal(cluster.status.effectivePercent, 100);
  });
});
