import assert from "node:assert/strict";
import { kubectl } from "../../../local/cluster/cluster.ts";
import { waitFor } from "../../../local/wait.ts";
import { preview, up } from "../../engine/support.ts";
import { everyPart, monitoring, program } from "./fixture.ts";
import { Watched } from "./watched.ts";

const otherPages = "https://example.com/other/docs/runbooks";

describe("the monitoring on a node", function () {
  this.timeout(300_000);
  let watched: Watched;
  /** Since when a pod ends again and again, another tells nothing any more, and a third hides a metric. */
  let silentSince: number;
  /** Those that nobody kills, as they were before the rules changed. */
  let pods: string;
  const untouched = () => {
    const survivors = ["prometheus-1", "alertmanager-1", "--output=jsonpath={.items[*].metadata.uid}"];
    return kubectl(watched.cluster, ["-n", monitoring, "get", "pods", ...survivors]);
  };
  const newRules = async () => (await watched.prometheus(1, "/api/v1/rules")).includes("/other/docs/");
  /** When they began, so that waits that know nothing of each other run side by side. */
  let faultsSince: number;

  before(async () => {
    watched = await Watched.start();
    await watched.ready();
  });

  after(() => watched?.stop());

  it("sees every target and evaluates every rule", async () => {
    for (const index of [0, 1]) {
      const jobs = await watched.query("count by (job) (up == 1)", index);
      assert.deepEqual(jobs.map(({ metric, value }) => `${metric.job} ${value[1]}`).sort(), [
        "alertmanager 2",
        "gateway 1",
        "nodes 1",
        "prometheus 2",
        "systems 10",
      ]);
      const wrong = await watched.query("up == 0 or prometheus_rule_evaluation_failures_total > 0", index);
      assert.deepEqual(
        wrong.map(({ metric }) => metric),
        [],
      );
    }
    const critical = watched.sink.alerts.filter(({ labels }) => labels.severity === "critical");
    assert.deepEqual(critical, []);
  });

  it("sees requests at the proxy, and whose they are", async () => {
    const [seen] = await watched.query('system_track:success_ratio_trials:1m{seen_by="proxy"} > 0');
    assert.deepEqual([seen?.metric.system, seen?.metric.track], ["wdbx", "canary"]);
  });

  it("calls within thirty seconds, also while its rules change: errors, latency, an attack, a lagging replica", async () => {
    pods = await untouched();
    assert.equal(await newRules(), false);
    await watched.project.write({ "index.ts": program(watched.cluster, watched.images, otherPages) });
    // These need a minute to be told of, so they begin first.
    silentSince = await watched.fault("dwcp-tpbft", { metrics: { tpbft_requests_total: { drop: true } } });
    const faults = JSON.stringify({ crash: { exitCode: 3, afterRequests: 1 } });
    await kubectl(watched.cluster, [
      ...["-n", "dwcp-v3", "set", "env", "deployment/dwcp-v3-canary"],
      `FAULTS=${faults}`,
    ]);
    await watched.hideMetrics("dwcp-compression");
    const wdbx = { errors: { ratio: 0.5 }, latency: { fixedMs: 20 }, metrics: { wdbx_memory_bytes: { set: 30e9 } } };
    faultsSince = await watched.fault("wdbx", wdbx);
    await watched.fault("dwcp-manager", { metrics: { consensus_byzantine_attempts_total: { set: 5 } } });
    await watched.fault("distributed-postgres", {
      metrics: { pg_replication_lag_seconds: { set: 2 }, pg_replication_is_replica: { set: 1 } },
    });
    const called = (name: string, labels: Record<string, string>) =>
      watched.called(name, { severity: "critical", track: "canary", ...labels }, faultsSince);
    const [, ...times] = await Promise.all([
      watched.project.run(up),
      called("WdbxSuccessLost", { system: "wdbx", requirement: "S0-87", kind: "alert" }),
      called("WdbxLatencyCritical", { system: "wdbx", requirement: "S0-85" }),
      called("DwcpManagerByzantineAttack", { system: "dwcp-manager", requirement: "S1-047" }),
      called("DwcpManagerTriggerT5ByzantineAttack", {
        ...{ system: "dwcp-manager", kind: "trigger" },
        ...{ trigger: "t5-byzantine-attack", action: "zero" },
      }),
      called("PostgresReplicationLag", { system: "distributed-postgres", requirement: "S3-121" }),
    ]);
    console.log(`      slowest page: ${(Math.max(...times) / 1000).toFixed(1)} s`);
  });

  it("loses no alert when a Prometheus and an Alertmanager are killed, and says nothing twice", async () => {
    await kubectl(watched.cluster, [
      ...["-n", monitoring, "delete", "pod", "prometheus-0", "alertmanager-0"],
      ...["--force", "--grace-period=0", "--wait=false"],
    ]);
    const since = await watched.fault("distributed-postgres", { metrics: { pg_stat_activity_count: { set: 99_999 } } });
    // Warnings wait for others to come with them: this one may have been waiting when its Alertmanager died.
    const patience = { timeout: 90_000, interval: 100 };
    await watched.called("WdbxMemoryHigh", { severity: "warning", track: "canary" }, faultsSince, patience);
    await watched.called("PostgresConnections", { system: "distributed-postgres" }, since, patience);
    const wait = ["rollout", "status", "statefulset/alertmanager", "--timeout=60s"];
    await kubectl(watched.cluster, ["-n", monitoring, ...wait]);
    for (const name of ["WdbxMemoryHigh", "PostgresConnections"])
      assert.equal(watched.told(name, faultsSince), 1, name);
  });

  it("has taken new rules up as it ran: no pod was touched but those that were killed", async () => {
    await waitFor("the new rules", newRules, { timeout: 150_000, interval: 500 });
    assert.equal(await untouched(), pods);
  });

  it("takes silence for an alarm: a crash loop, an endpoint that is gone, and a metric that is", async () => {
    const patience = { timeout: 100_000, interval: 100 };
    const critical = { severity: "critical", track: "canary", kind: "silence" };
    await Promise.all([
      watched.called("DwcpTpbftMetricsMissing", critical, silentSince, patience),
      watched.called("DwcpV3TrackSilent", critical, silentSince, patience),
      watched.called("DwcpCompressionTrackSilent", critical, silentSince, patience),
    ]);
  });

  it("fits its budget of memory", async () => {
    const jobs = "prometheus|alertmanager|nodes";
    const [used] = await watched.query(`sum(process_resident_memory_bytes{job=~"${jobs}"})`, 1);
    const megabytes = Number(used!.value[1]) / 1e6;
    console.log(`      resident: ${megabytes.toFixed(0)} MB`);
    assert.ok(megabytes < 600, `${megabytes} MB`);
  });

  it("is taken by the API server with every part it can have, and changes nothing else for them", async () => {
    await watched.project.write({ "index.ts": everyPart(watched.cluster, watched.images, otherPages) });
    const { operations } = await watched.project.run(preview);
    const touched = Object.entries(operations).filter(([, done]) =>
      done.some((one) => one !== "same" && one !== "create"),
    );
    // Whoever scrapes has more to scrape and to judge, and the components have other arguments.
    const prometheus = ["monitoring-prometheus", "monitoring-prometheus-config", "monitoring-prometheus-rules-outside"];
    assert.deepEqual(touched.map(([name]) => name).sort(), ["monitoring", ...prometheus]);
    // Its pods and what they may watch have the name of their component.
    assert.deepEqual(operations["monitoring-prometheus"]?.toSorted(), ["same", "same", "update"]);
  });

  it("keeps what is secret out of every ConfigMap, and out of the state", async () => {
    const address = `:${watched.sink.port}`;
    const text = await kubectl(watched.cluster, ["-n", monitoring, "get", "configmaps", "--output=yaml"]);
    assert.ok(!text.includes(address), "the webhook's address is in a ConfigMap");
    assert.ok(!(await watched.project.state()).text.includes(address), "the webhook's address is in the state");
    const secrets = await kubectl(watched.cluster, ["-n", monitoring, "get", "secrets", "--output=yaml"]);
    assert.match(secrets, /webhook:/);
  });
});
