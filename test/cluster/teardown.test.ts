import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findCluster, kubectl, readRecord, writeRecord } from "../../local/cluster/cluster.ts";
import { dirs, nodeName } from "../../local/cluster/layout.ts";
import { reapDeadClusters } from "../../local/cluster/slots.ts";
import { startCluster } from "../../local/cluster/start.ts";
import { stopCluster } from "../../local/cluster/stop.ts";
import { childrenOf, commandOf, endProcess, identify, isRunning } from "../../local/process-id.ts";
import { waitFor } from "../../local/wait.ts";
import { sharedCluster } from "../support/clusters.ts";
import { machineState } from "../support/leftovers.ts";

describe("the end of a cluster", () => {
  let clean: Awaited<ReturnType<typeof machineState>>;

  before(async () => {
    await sharedCluster("node"); // it stays: its traces belong to both pictures
    clean = await machineState();
  });

  afterEach(() => stopCluster("leaver", { deleteData: true }));

  it("leaves nothing behind after stop", async () => {
    await startCluster({ name: "leaver", mode: "node" });
    assert.notDeepEqual((await machineState()).links, clean.links);
    await stopCluster("leaver", { deleteData: true });
    assert.deepEqual(await machineState(), clean);
  });

  it("leaves nothing behind when its first process is killed", async () => {
    const cluster = await startCluster({ name: "leaver", mode: "api" });
    const inner = identify(cluster.innerPid);
    endProcess(inner, "SIGKILL");
    await waitFor("its end", async () => !isRunning(inner) && (await findCluster("leaver")) === undefined);
    await reapDeadClusters();
    assert.deepEqual(await machineState(), clean);
  });

  it("leaves nothing behind when the test run that owns it is killed", async () => {
    const script = join(import.meta.dirname, "../support/start-and-stay.ts");
    const owner = spawn(process.execPath, [script, "leaver"], { stdio: ["ignore", "pipe", "inherit"] });
    await once(owner.stdout, "data");
    owner.kill("SIGKILL");
    await once(owner, "exit");
    await waitFor("the end of its processes", async () => (await findCluster("leaver")) === undefined);
    await reapDeadClusters();
    assert.deepEqual(await machineState(), clean);
  });

  it("keeps what was in it for the next start", async () => {
    const first = await startCluster({ name: "leaver", mode: "api" });
    await kubectl(first, ["create", "configmap", "remembered", "--from-literal=a=1"]);
    await stopCluster("leaver");
    const second = await startCluster({ name: "leaver", mode: "api" });
    assert.equal(await kubectl(second, ["get", "configmap", "remembered", "--output", "jsonpath={.data.a}"]), "1");
  });

  it("starts after a start that was cut off while etcd made its first files", async () => {
    const where = dirs("leaver");
    const log = join(where.etcd, "member/wal");
    await mkdir(log, { recursive: true });
    await writeFile(join(log, "0000000000000000-0000000000000000.wal"), "");
    await writeRecord(where, { mode: "api", lastSlot: 1, isThrowAway: false, hasNeverAnswered: true });
    await startCluster({ name: "leaver", mode: "api" });
    assert.equal((await readRecord(where))?.hasNeverAnswered, undefined);
  });

  it("gives a process that is killed a successor", async () => {
    const cluster = await startCluster({ name: "leaver", mode: "node" });
    const answers: Record<string, string> = {
      "kube-apiserver": "/readyz",
      kubelet: `/api/v1/nodes/${nodeName}/proxy/healthz`,
    };
    for (const [command, path] of Object.entries(answers)) {
      const [killed] = processesOf(cluster.innerPid, command);
      endProcess(identify(killed!), "SIGKILL");
      await waitFor(`the return of ${command}`, async () => {
        const [successor] = processesOf(cluster.innerPid, command);
        return successor !== undefined && successor !== killed && kubectl(cluster, ["get", "--raw", path]);
      });
    }
  });
});

/** The processes below this one that run the command. */
function processesOf(pid: number, command: string): number[] {
  return childrenOf(pid).flatMap((child) => [
    ...(commandOf(child).startsWith(command.slice(0, 15)) ? [child] : []),
    ...processesOf(child, command),
  ]);
}
