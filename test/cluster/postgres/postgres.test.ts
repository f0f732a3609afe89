import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "../../../local/wait.ts";
import { Database, type Report, scope } from "./database.ts";
import { freeze, killServer, noApiServer, noPacketsFrom, nothing, restrict, thaw } from "./faults.ts";

describe("a cluster of PostgreSQL", function () {
  this.timeout(120_000);
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

    /** Does something to the leader and waits until all is well again; what the writer saw of it. */
    async function suffer(
      fault: (leader: string) => Promise<void>,
    ): Promise<Report & { before: string; after: string }> {
      const before = await database.healthy();
      const since = Date.now();
      await fault(before);
      const after = await database.healthy(90_000);
      const report = await database.report(since);
      return { ...report, before, after };
    }

    /** No acknowledged row is gone, and never did two members take rows at once. */
    function assertSafe({ lost, overtaken, shared, acknowledged }: Report): void {
      assert.deepEqual({ lost, overtaken, shared }, { lost: 0, overtaken: 0, shared: 0 });
      assert.ok(acknowledged > 50, `only ${acknowledged} rows`);
    }
    const anotherLeader = (before: string): Promise<unknown> =>
      waitFor("another leader", async () => (await database.leader()) !== before, { timeout: 60_000 });

    it("loses nothing when the leader's server is killed", async () => {
      const report = await suffer((leader) => killServer(database.space, leader));
      assertSafe(report);
      assert.ok(report.serviceGap < 20, `${report.serviceGap} s`);
    });

    it("loses nothing when the leader's pod is deleted", async () => {
      const report = await suffer(async (leader) => {
        await database.space.kubectl("delete", "pod", leader, "--grace-period=0", "--force");
        await anotherLeader(leader);
      });
      assertSafe(report);
      assert.ok(report.serviceGap < 20, `${report.serviceGap} s`);
    });

    it("loses nothing when the leader freezes and wakes as a leader of old", async () => {
      const report = await suffer(async (leader) => {
        await freeze(database.space, leader);
        await anotherLeader(leader).finally(() => thaw(database.space, leader));
      });
      assertSafe(report);
      assert.notEqual(report.after, report.before);
      assert.ok(report.serviceGap < 40, `${report.serviceGap} s`);
    });

    it("loses nothing when the leader's network is cut", async () => {
      const report = await suffer(async (leader) => {
        const mend = await restrict(database.space, leader, nothing);
        await anotherLeader(leader).finally(mend);
      });
      assertSafe(report);
      assert.notEqual(report.after, report.before);
      assert.ok(report.serviceGap < 40, `${report.serviceGap} s`);
    });

    it("goes on writing while the API server refuses all members for longer than the lock lives", async () => {
      const report = await suffer(async () => {
        const members = Array.from({ length: 3 }, (_, index) => `${scope}-${index}`);
        const mends = await Promise.all(members.map((member) => restrict(database.space, member, noApiServer)));
        await pause(60_000);
        for (const mend of mends) await mend();
      });
      assertSafe(report);
      assert.equal(report.after, report.before);
      assert.ok(report.serviceGap < 5, `${report.serviceGap} s`);
    });

    it("would lose rows without the quorum, and the writer would say so", async () => {
      await database.up({ durability: "asynchronous" });
      const { lost } = await suffer(async (leader) => {
        await waitFor("no synchronous member", async () => {
          const [names] = await database.ask(leader, "select current_setting('synchronous_standby_names')");
          return names === "";
        });
        const address = await database.space.kubectl("get", "pod", leader, "--output", "jsonpath={.status.podIP}");
        const others = Array.from({ length: 3 }, (_, index) => `${scope}-${index}`).filter((each) => each !== leader);
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
