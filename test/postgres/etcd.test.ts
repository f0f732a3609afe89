import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "../../local/wait.ts";
import { etcdScope } from "../../rollout/postgres/etcd.ts";
import { assertResumed, assertSafe, Database } from "./database.ts";
import { killServer, nothing, restrict } from "./faults.ts";
import { memberNames, scope } from "./objects.ts";

const etcd = { members: 3, volumeMiB: 1024 };
const storeNames = Array.from({ length: etcd.members }, (_, index) => `${etcdScope(scope)}-${index}`);

describe("a cluster of PostgreSQL with a store of its own", function () {
  this.timeout(300_000);
  let database: Database;
  before(async () => {
    database = await Database.open({ etcd, backups: undefined });
  });
  after(() => database?.close());

  const storeReady = (): Promise<unknown> =>
    waitFor("all of etcd to be ready", async () => {
      const path = "jsonpath={.status.readyReplicas}";
      const ready = await database.space.kubectl("get", "statefulset", etcdScope(scope), "--output", path);
      return Number(ready) === etcd.members;
    });

  it("is refused by a preview, with the reason, where etcd has an even number of members", async () => {
    const said = await database.refusal({ etcd: { ...etcd, members: 4 } });
    assert.match(said, /etcd\.members: got 4; 4 survive no more losses than 3/);
  });

  it("comes up by one update, three members of etcd and three of its own, none of whom asks the API server", async () => {
    await database.up();
    await database.healthy();
    await storeReady();
    const kept = await database.space.kubectl("get", "configmap", "--output", "name");
    assert.doesNotMatch(kept, /-(leader|config|sync|failover)$/m, "nothing of the lock is in the API server");
  });

  it("changes nothing when brought up again", async () => {
    const { changes } = await database.up();
    assert.deepEqual(Object.keys(changes), ["same"]);
  });

  describe("under a writer who keeps count", () => {
    before(() => database.startWriter());

    it("loses nothing when the leader's server is killed", async () => {
      const report = await database.suffer((leader) => killServer(database.space, leader));
      assertSafe(report);
      assertResumed(report);
    });

    it("loses nothing when the leader's pod is deleted, and clients find the next one", async () => {
      const report = await database.suffer((leader) => database.deleteLeader(leader));
      assertSafe(report);
      assert.notEqual(report.after, report.before);
      assertResumed(report);
    });

    it("loses nothing when the leader freezes and wakes as a leader of old", async () => {
      const report = await database.suffer((leader) => database.freezeLeader(leader));
      assertSafe(report);
      assert.notEqual(report.after, report.before);
      assertResumed(report);
    });

    it("goes on under the same leader when a member of etcd is killed", async () => {
      const report = await database.suffer(async () => {
        await database.space.kubectl("delete", "pod", storeNames[0]!, "--grace-period=0", "--force");
        await storeReady();
      });
      assertSafe(report);
      assert.equal(report.after, report.before);
      assertResumed(report, 10);
    });

    it("goes on writing while all of etcd is out of reach for longer than the lock lives", async () => {
      const report = await database.suffer(async () => {
        const mends = await Promise.all(storeNames.map((each) => restrict(database.space, each, nothing)));
        await pause(60_000);
        for (const mend of mends) await mend();
        await storeReady();
      });
      assertSafe(report);
      assert.equal(report.after, report.before);
      assertResumed(report, 30);
    });

    it("goes on when each member of etcd is another pod with another address", async () => {
      const report = await database.suffer(async () => {
        await database.space.kubectl("rollout", "restart", "statefulset", etcdScope(scope));
        await database.space.kubectl("rollout", "status", "statefulset", etcdScope(scope), "--timeout=180s");
      });
      assertSafe(report);
      assert.equal(report.after, report.before);
      assertResumed(report, 10);
    });

    it("takes up another durability without any restart", async () => {
      const started = "select pg_postmaster_start_time()";
      const leader = await database.healthy();
      const before = await Promise.all(memberNames.map((each) => database.ask(each, started)));
      await database.up({ durability: "asynchronous" });
      await waitFor("nobody to be waited for", async () => {
        const [names] = await database.ask(leader, "select current_setting('synchronous_standby_names')");
        return names === "";
      });
      assert.deepEqual(await Promise.all(memberNames.map((each) => database.ask(each, started))), before);
    });
  });
});
