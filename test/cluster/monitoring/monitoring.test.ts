import assert from "node:assert/strict";
import { importImages } from "../../../local/cluster/addons/addons.ts";
import { apply, type Cluster, kubectl } from "../../../local/cluster/cluster.ts";
import { waitFor } from "../../../local/wait.ts";
import type { SystemName } from "../../../rollout/plan/systems.ts";
import { preview, up, type Workspace, workspace } from "../../engine/support.ts";
import { sharedCluster } from "../../support/clusters.ts";
import { gatewayNamespace, monitoring, namespace, program, routed, simulated, systems } from "./fixture.ts";
import { ask, Sink } from "./inside.ts";

/** From the fault to the webhook; the plan of WDBX says so of every alert of its own. */
const within = { timeout: 30_000, interval: 100 };

describe("the monitoring on a node", function () {
  this.timeout(300_000);
  let cluster: Cluster;
  let sink: Sink;
  let project: Workspace;
  let images: ReadonlyMap<string, string>;

  before(async () => {
    cluster = await sharedCluster("node");
    sink = new Sink(cluster, 9999);
    images = await importImages(cluster, ["load", "simulator:1.0.0", "prometheus", "alertmanager"]);
    await apply(
      cluster,
      systems.map((system) => namespace(system)),
    );
    for (const system of systems)
      await kubectl(cluster, ["-n", system, "get", "serviceaccount", "default"], { retry: true });
    await kubectl(cluster, ["create", "namespace", gatewayNamespace]).catch(() => undefined);
    await apply(cluster, [...systems.flatMap((system) => simulated(system, images)), ...routed("wdbx")]);
    project = await workspace(program(cluster, images), { kubeconfig: cluster.where.kubeconfig("admin") });
    await project.run(up);
    for (const system of systems) {
      await kubectl(cluster, ["-n", system, "rollout", "status", `deployment/${system}-canary`, "--timeout=120s"]);
    }
    // Ten canaries, the proxy, and the four that watch; and enough of the past to judge by.
    const ready = "count(up == 1) == 15 and on () max(system_track:latency_p95_trials:1m) > 100";
    for (const index of [0, 1]) {
      await waitFor(
        "all targets to be up and traffic to be known",
        async () => (await query(ready, index)).length === 1,
        {
          timeout: 120_000,
          interval: 500,
        },
      );
    }
  });

  after(async () => {
    sink?.close();
    await project?.remove();
    if (cluster) await kubectl(cluster, ["delete", "namespace", monitoring, ...systems, "--wait=false"]);
  });

  const prometheus = (index: number) => podAddress(monitoring, `prometheus-${index}`);
  const podAddress = async (space: string, name: string) =>
    await kubectl(cluster, ["-n", space, "get", "pod", name, "--output", "jsonpath={.status.podIP}"]);
  async function query(
    expression: string,
    index = 0,
  ): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const url = `http://${await prometheus(index)}:9090/api/v1/query?query=${encodeURIComponent(expression)}`;
    return JSON.parse(await ask(cluster, url)).data.result;
  }
  async function fault(system: SystemName, faults: object): Promise<number> {
    const address = await kubectl(cluster, [
      "-n",
      system,
      "get",
      "pod",
      "--selector=rampart.dev/track=canary",
      "--output",
      "jsonpath={.items[0].status.podIP}",
    ]);
    const at = Date.now();
    await ask(cluster, `http://${address}:9091/faults`, faults);
    return at;
  }
  const called = async (name: string, labels: Record<string, string>, since: number, options: object = within) => {
    const alert = await waitFor(`${name} at the webhook`, async () => sink.firing(name, since), options);
    for (const [label, text] of Object.entries(labels)) assert.equal(alert.labels[label], text, `${name}: ${label}`);
    assert.match(alert.annotations.runbook_url!, /\/docs\/runbooks\/[a-z-]+\.md$/);
    return alert.at - since;
  };

  it("sees every target and evaluates every rule", async () => {
    for (const index of [0, 1]) {
      const down = await query("up == 0", index);
      assert.deepEqual(
        down.map(({ metric }) => metric),
        [],
      );
      const jobs = await query("count by (job) (up)", index);
      assert.deepEqual(jobs.map(({ metric, value }) => `${metric.job} ${value[1]}`).sort(), [
        "alertmanager 2",
        "gateway 1",
        "prometheus 2",
        "systems 10",
      ]);
      const failed = await query("prometheus_rule_evaluation_failures_total > 0", index);
      assert.deepEqual(
        failed.map(({ metric }) => metric),
        [],
      );
    }
    assert.deepEqual(
      sink.alerts.filter(({ labels }) => labels.severity === "critical"),
      [],
    );
  });

  it("sees requests at the proxy, and whose they are", async () => {
    const seen = await waitFor(
      "requests at the proxy",
      async () => (await query('system_track:success_ratio_trials:1m{seen_by="proxy"} > 0'))[0],
      { interval: 500 },
    );
    assert.deepEqual([seen.metric.system, seen.metric.track], ["wdbx", "canary"]);
  });

  it("calls within thirty seconds: errors, latency, memory, an attack, a lagging replica", async () => {
    const wdbx = { errors: { ratio: 0.5 }, latency: { fixedMs: 20 }, metrics: { wdbx_memory_bytes: { set: 30e9 } } };
    const since = await fault("wdbx", wdbx);
    await fault("dwcp-manager", { metrics: { consensus_byzantine_attempts_total: { set: 5 } } });
    await fault("distributed-postgres", {
      metrics: { pg_replication_lag_seconds: { set: 2 }, pg_replication_is_replica: { set: 1 } },
    });
    const canary = { severity: "critical", track: "canary" };
    const times = await Promise.all([
      called("WdbxSuccessLost", { ...canary, system: "wdbx", requirement: "S0-87", kind: "alert" }, since),
      called("WdbxLatencyCritical", { ...canary, system: "wdbx", requirement: "S0-85" }, since),
      called("DwcpManagerByzantineAttack", { ...canary, system: "dwcp-manager", requirement: "S1-047" }, since),
      called(
        "DwcpManagerTriggerT5ByzantineAttack",
        { ...canary, trigger: "t5-byzantine-attack", action: "zero", kind: "trigger" },
        since,
      ),
      called("PostgresReplicationLag", { ...canary, system: "distributed-postgres", requirement: "S3-121" }, since),
    ]);
    // A warning waits for others to come with it.
    await called("WdbxMemoryHigh", { severity: "warning", track: "canary" }, since, { timeout: 75_000, interval: 100 });
    const worst = Math.max(...times) / 1000;
    console.log(`      slowest page: ${worst.toFixed(1)} s`);
  });

  it("loses no alert when a Prometheus and an Alertmanager are killed, and says nothing twice", async () => {
    await fault("wdbx", {});
    await kubectl(cluster, [
      ...["-n", monitoring, "delete", "pod", "prometheus-0", "alertmanager-0"],
      ...["--force", "--grace-period=0", "--wait=false"],
    ]);
    const since = await fault("distributed-postgres", { metrics: { pg_stat_activity_count: { set: 99_999 } } });
    await called("PostgresConnections", { system: "distributed-postgres" }, since, { timeout: 75_000, interval: 100 });
    await kubectl(cluster, ["-n", monitoring, "rollout", "status", "statefulset/alertmanager", "--timeout=60s"]);
    const told = sink.alerts.filter(
      ({ labels, status, at }) => labels.alertname === "PostgresConnections" && status === "firing" && at >= since,
    );
    assert.equal(told.length, 1);
  });

  it("takes silence for an alarm: a crash loop, and a metric that is gone", async () => {
    const faults = JSON.stringify({ crash: { exitCode: 3, afterRequests: 1 } });
    const since = await fault("dwcp-tpbft", { metrics: { tpbft_requests_total: { drop: true } } });
    await kubectl(cluster, ["-n", "dwcp-v3", "set", "env", "deployment/dwcp-v3-canary", `FAULTS=${faults}`]);
    const patience = { timeout: 100_000, interval: 100 };
    const critical = { severity: "critical", track: "canary", kind: "silence" };
    await Promise.all([
      called("DwcpTpbftMetricsMissing", critical, since, patience),
      called("DwcpV3TrackSilent", critical, since, patience),
    ]);
  });

  it("takes new rules up as it runs: no pod is touched", async () => {
    const pods = () =>
      kubectl(cluster, ["-n", monitoring, "get", "pods", "--output=jsonpath={.items[*].metadata.uid}"]);
    const before = await pods();
    await project.write({ "index.ts": program(cluster, images, "https://example.com/other/docs/runbooks") });
    await project.run(up);
    await waitFor(
      "the new rules",
      async () => (await ask(cluster, `http://${await prometheus(1)}:9090/api/v1/rules`)).includes("/other/docs/"),
      { timeout: 150_000, interval: 1000 },
    );
    assert.equal(await pods(), before);
  });

  it("takes pages back when the fault is over", async () => {
    await waitFor(
      "the end of WdbxLatencyCritical",
      async () =>
        sink.alerts.some(({ labels, status }) => labels.alertname === "WdbxLatencyCritical" && status === "resolved"),
      { timeout: 150_000, interval: 200 },
    );
  });

  it("fits its budget of memory", async () => {
    const used = await query('sum(process_resident_memory_bytes{job=~"prometheus|alertmanager"})', 1);
    const megabytes = Number(used[0]!.value[1]) / 1e6;
    console.log(`      resident: ${megabytes.toFixed(0)} MB`);
    assert.ok(megabytes < 600, `${megabytes} MB`);
  });

  it("is taken by the API server with Grafana too, and changes nothing else for it", async () => {
    const grafana = 'grafana: { image: "grafana/grafana:13.1.3", adminPassword: pulumi.secret("for-the-test") },';
    const more = program(cluster, images, "https://example.com/other/docs/runbooks").replace(
      "runbookUrl:",
      `${grafana}\n  runbookUrl:`,
    );
    await project.write({ "index.ts": more });
    const { operations } = await project.run(preview);
    const touched = Object.entries(operations).filter(
      ([name, done]) => !name.startsWith("monitoring-grafana") && !done.every((one) => one === "same"),
    );
    // The component itself has other arguments now.
    assert.deepEqual(
      touched.map(([name, done]) => `${name}: ${done}`),
      ["monitoring: update"],
    );
  });

  it("keeps what is secret out of every ConfigMap, and out of the state", async () => {
    const text = await kubectl(cluster, ["-n", monitoring, "get", "configmaps", "--output=yaml"]);
    assert.ok(!text.includes(`:${sink.port}`), "the webhook's address is in a ConfigMap");
    assert.ok(!(await project.state()).text.includes(`:${sink.port}`), "the webhook's address is in the state");
    assert.match(await kubectl(cluster, ["-n", monitoring, "get", "secrets", "--output=yaml"]), /webhook:/);
  });
});
