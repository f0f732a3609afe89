import assert from "node:assert/strict";
import { assertSafe, Database } from "../../postgres/database.ts";
import { killServer } from "../../postgres/faults.ts";

describe("a cluster of PostgreSQL, in short", function () {
  this.timeout(300_000);
  let database: Database;
  before(async () => {
    database = await Database.open({ backups: undefined });
  });
  after(() => database?.close());

  it("comes up by one update, with every member streaming from the leader", async () => {
    const { changes } = await database.up();
    assert.ok(changes.create! > 10, JSON.stringify(changes));
    await database.healthy();
  });

  it("changes nothing when brought up again", async () => {
    const { changes } = await database.up();
    assert.deepEqual(Object.keys(changes), ["same"]);
  });

  describe("under a writer who keeps count", () => {
    before(() => database.startWriter());

    it("loses nothing when the leader's server is killed", async () => {
      assertSafe(await database.suffer((leader) => killServer(database.space, leader)));
    });

    it("loses nothing when the leader's pod is deleted", async () => {
      assertSafe(await database.suffer((leader) => database.deleteLeader(leader)));
    });

    it("would lose rows without the quorum, and the writer would say so", async () => {
      await database.up({ durability: "asynchronous" });
      const { lost } = await database.sufferAsynchronously();
      assert.ok(lost > 0);
    });
  });
});
