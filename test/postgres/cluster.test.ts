import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { assertResumed, assertSafe, Database } from "./database.ts";
import { noApiServer, nothing, restrict } from "./faults.ts";
import { memberNames } from "./objects.ts";

describe("a cluster of PostgreSQL", function () {
  this.timeout(300_000);
  let database: Database;
  before(async () => {
    database = await Database.open();
    await database.up();
  });
  after(() => database?.close());

  it("is refused by a preview, with the reason, where a frozen leader would stay in its Service", async () => {
    const said = await database.refusal({ readiness: { periodSeconds: 5, failureThreshold: 4 } });
    assert.match(said, /period × threshold is 20 s and must stay below the ttl of 20 s/);
  });

  describe("under a writer who keeps count", () => {
    before(() => database.startWriter());

    it("loses nothing when the leader freezes and wakes as a leader of old", async () => {
      const report = await database.suffer((leader) => database.freezeLeader(leader));
      assertSafe(report);
      assert.notEqual(report.after, report.before);
      assertResumed(report);
    });

    it("loses nothing when the leader's network is cut", async () => {
      const report = await database.suffer(async (leader) => {
        const mend = await restrict(database.space, leader, nothing);
        await database.anotherLeader(leader).finally(mend);
      });
      assertSafe(report);
      assert.notEqual(report.after, report.before);
      assertResumed(report);
    });

    it("goes on writing while the API server refuses all members for longer than the lock lives", async () => {
      const report = await database.suffer(async () => {
        const mends = await Promise.all(memberNames.map((member) => restrict(database.space, member, noApiServer)));
        await pause(60_000);
        for (const mend of mends) await mend();
      });
      assertSafe(report);
      assert.equal(report.after, report.before);
      assertResumed(report, 30);
    });
  });
});
