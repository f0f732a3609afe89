import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "../../local/wait.ts";
import { assertResumed, assertSafe, Database, memberNames } from "./database.ts";
import { freeze, killServer, noApiServer, noPacketsFrom, nothing, restrict, thaw } from "./faults.ts";

describe("a cluster of PostgreSQL", function () {
  this.timeout(300_000);
  let database: Database;
  before(async () => {
    database = await Database.open();
  });
  after(() => database?.close());

  it("comes up by one update, with every member streaming from the leader", async () => {
    const { changes } = await database.up();
    assert.ok(changes.create! > 10, JSON.stringify(changes));
    await database.healthy(5000);
  });

  it("changes nothing when brought up again", async () => {
    const { changes } = await database.up();
    assert.deepEqual(Object.keys(changes), ["same"]);
  });

  it("is refused by a preview, with the reason, where a frozen leader would stay in its Service", async () => {
    const said = await database.refusal({ readiness: { periodSeconds: 5, failureThreshold: 4 } });
    assert.match(said, /period × threshold is 20 s and must stay below the ttl of 20 s/);
  });

  describe("under a writer who keeps count", () => {
    before(() => database.startWriter());

    const anotherLeader = (before: string): Promise<unknown> =>
      waitFor("another leader", async () => (await database.leader()) !== before, { timeout: 60_000 });

    it("loses nothing when the leader's server is killed", async () => {
      const report = await database.suffer((leader) => killServer(database.space, leader));
      assertSafe(report);
      assertResumed(report, 20);
    });

    it("loses nothing when the leader's pod is deleted", async () => {
      const report = await database.suffer(async (leader) => {
        await database.space.kubectl("delete", "pod", leader, "--grace-period=0", "--force");
        await anotherLeader(leader);
      });
      assertSafe(report);
      assertResumed(report, 20);
    });

    it("loses nothing when the leader freezes and wakes as a leader of old", async () => {
      const report = await database.suffer(async (leader) => {
        await freeze(database.space, leader);
        await anotherLeader(leader).finally(() => thaw(database.space, leader));
      });
      assertSafe(report);
      assert.notEqual(report.after, report.before);
      assertResumed(report, 40);
    });

    it("loses nothing when the leader's network is cut", async () => {
      const report = await database.suffer(async (leader) => {
        const mend = await restrict(database.space, leader, nothing);
        await anotherLeader(leader).finally(mend);
      });
      assertSafe(report);
      assert.notEqual(report.after, report.before);
      assertResumed(report, 40);
    });

    it("goes on writing while the API server refuses all members for longer than the lock lives", async () => {
      const report = await database.suffer(async () => {
        const mends = await Promise.all(memberNames.map((member) => restrict(database.space, member, noApiServer)));
        await pause(60_000);
        for (const mend of mends) await mend();
      });
      assertSafe(report);
      assert.equal(report.after, report.before);
      assertResumed(report, 5);
    });

    it("would lose rows without the quorum, and the writer would say so", async () => {
      await database.up({ durability: "asynchronous" });
      const { lost } = await database.suffer(async (leader) => {
        await waitFor("no synchronous member", async () => {
          const [names] = await database.ask(leader, "select current_setting('synchronous_standby_names')");
          return names === "";
        });
        const address = await database.space.kubectl("get", "pod", leader, "--output", "jsonpath={.status.podIP}");
        const others = memberNames.filter((each) => each !== leader);
        const mends = await Promise.all(others.map((each) => restrict(database.space, each, noPacketsFrom(address))));
        const since = Date.now();
        await waitFor("rows that nobody else has", async () => (await database.report(since)).acknowledged > 20);
        // Killed, it would start again and keep its lock.
        await freeze(database.space, leader);
        await anotherLeader(leader).finally(() => thaw(database.space, leader));
        for (const mend of mends) await mend();
      });
      assert.ok(lost > 0);
    });
  });
});
