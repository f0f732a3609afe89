import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { namespaceOf } from "../../local/cluster/layout.ts";
import { exec } from "../../local/exec.ts";
import { commandOf } from "../../local/process-id.ts";
import { waitFor } from "../../local/wait.ts";
import { monitoring } from "../cluster/monitoring/fixture.ts";
import { Watched } from "../cluster/monitoring/watched.ts";

describe("the monitoring, when its halves can't hear each other", function () {
  this.timeout(600_000);
  let watched: Watched;
  const addressOf = (pod: string) => watched.podAddress(monitoring, pod, "--output=jsonpath={.status.podIP}");

  before(async () => {
    watched = await Watched.start();
    await watched.ready();
  });

  after(() => watched?.stop());

  /** What one pod sends to another goes nowhere, both ways, until it is mended. */
  async function cut(one: string, other: string): Promise<() => Promise<void>> {
    const command = one.replace(/-\d$/, "");
    const addresses = [await addressOf(one), await addressOf(other)] as const;
    // Looked up once: a route to an address looks like having it.
    const [from, to] = addresses.map((address) => ({ address, pid: podProcess(command, address) }));
    const route = async (verb: "add" | "del") => {
      for (const [end, peer] of [[from!, to!] as const, [to!, from!] as const]) {
        const network = `--net=/proc/${end.pid}/ns/net`;
        await exec("nsenter", [network, "ip", "route", verb, "blackhole", `${peer.address}/32`]);
      }
    };
    await route("add");
    return () => route("del");
  }

  /** The cluster's process of this name whose network has this address; other clusters have the same addresses. */
  function podProcess(command: string, address: string): string {
    const ours = new RegExp(`${namespaceOf(watched.cluster.slot)}(?!\\d)`);
    const found = readdirSync("/proc").find((pid) => {
      if (!/^\d+$/.test(pid) || commandOf(Number(pid)) !== command) return false;
      const isOurs = ours.test(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
      return isOurs && readFileSync(`/proc/${pid}/net/fib_trie`, "utf8").includes(`|-- ${address}\n`);
    });
    if (!found) throw new Error(`no process ${command} has the address ${address}`);
    return found;
  }

  it("loses no alert, and each half says it once at most", async () => {
    const mend = [await cut("alertmanager-0", "alertmanager-1"), await cut("prometheus-0", "prometheus-1")];
    const apart = async () => {
      const members = await watched.query("alertmanager_cluster_members", 0);
      return members.length === 2 && members.every(({ value }) => value[1] === "1");
    };
    await waitFor("the Alertmanagers to miss each other", apart, { timeout: 120_000, interval: 1000 });
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
