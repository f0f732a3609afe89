import assert from "node:assert/strict";
import { waitFor } from "../../local/wait.ts";
import { monitoring } from "../cluster/monitoring/fixture.ts";
import { Watched } from "../cluster/monitoring/watched.ts";
import { cut } from "../support/cut.ts";

describe("the monitoring, when its halves can't hear each other", function () {
  this.timeout(600_000);
  let watched: Watched;
  const addressOf = (pod: string) => watched.podAddress(monitoring, pod, "--output=jsonpath={.status.podIP}");

  before(async () => {
    watched = await Watched.start();
    await watched.ready();
  });

  after(() => watched?.stop());

  async function apart(one: string, other: string): Promise<() => Promise<void>> {
    const end = async (pod: string) => ({ command: pod.replace(/-\d$/, ""), address: await addressOf(pod) });
    return cut(watched.cluster.slot, await end(one), await end(other));
  }

  it("loses no alert, and each half says it once at most", async () => {
    const mend = [await apart("alertmanager-0", "alertmanager-1"), await apart("prometheus-0", "prometheus-1")];
    const areApart = async () => {
      const members = await watched.query("alertmanager_cluster_members", 0);
      return members.length === 2 && members.every(({ value }) => value[1] === "1");
    };
    await waitFor("the Alertmanagers to miss each other", areApart, { timeout: 120_000, interval: 1000 });
    const since = await watched.fault("distributed-postgres", {
      metrics: { pg_replication_lag_seconds: { set: 2 }, pg_replication_is_replica: { set: 1 } },
    });
    await watched.called("PostgresReplicationLag", { severity: "critical" }, since, { timeout: 75_000 });
    await waitFor("the other half's word", async () => watched.told("PostgresReplicationLag", since) === 2, {
      timeout: 30_000,
    });
    for (const one of mend) await one();

    const together = async () => {
      const members = await watched.query("alertmanager_cluster_members", 0);
      return members.length === 2 && members.every(({ value }) => value[1] === "2");
    };
    await waitFor("the Alertmanagers to find each other", together, { timeout: 180_000, interval: 1000 });
    assert.equal(watched.told("PostgresReplicationLag", since), 2, "nothing is said again because they are together");
    const later = await watched.fault("dwcp-manager", { metrics: { consensus_byzantine_attempts_total: { set: 5 } } });
    await watched.fault("wdbx", { errors: { ratio: 0.5 }, metrics: { wdbx_memory_bytes: { set: 30e9 } } });
    await watched.called("DwcpManagerByzantineAttack", { severity: "critical" }, later);
    await watched.called("WdbxSuccessLost", { severity: "critical" }, later);
    // A warning waits for half a minute; by then the other half would have said it too.
    await watched.called("WdbxMemoryHigh", { severity: "warning" }, later, { timeout: 120_000 });
    assert.equal(watched.told("DwcpManagerByzantineAttack", later), 1);
  });

  it("takes pages back when the fault is over", async () => {
    await watched.fault("wdbx", {});
    const isOver = async () =>
      watched.sink.alerts.some(({ labels, status }) => labels.alertname === "WdbxSuccessLost" && status === "resolved");
    await waitFor("the end of WdbxSuccessLost", isOver, { timeout: 300_000, interval: 200 });
  });
});
