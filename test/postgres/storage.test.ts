import assert from "node:assert/strict";
import { waitFor } from "../../local/wait.ts";
import { assertSafe, Database } from "./database.ts";
import { killServer, scribble } from "./faults.ts";
import { memberNames } from "./objects.ts";
import { fill, makeSmallVolumes, smallVolumes } from "./volumes.ts";

const claimOf = (member: string): string => `pgdata-${member}`;
/** A volume in memory counts as memory of those that write to it. */
const memoryMiB = 1024;

describe("a cluster of PostgreSQL whose volumes fail", function () {
  this.timeout(300_000);
  let database: Database;
  before(async () => {
    database = await Database.open({ backups: undefined, memoryMiB, dataMiB: 20, ...smallVolumes });
    await makeSmallVolumes(database.space, memberNames.map(claimOf));
    await database.up();
    await database.startWriter();
  });
  after(() => database?.close());

  const followersOf = (leader: string): string[] => memberNames.filter((each) => each !== leader);

  /** The file of a table of the application's that nobody writes to any more. */
  async function coldTable(leader: string, follower: string): Promise<string> {
    await database.ask(leader, "create table if not exists cold as select generate_series(1, 5000) as number", "app");
    const [file] = await database.ask(leader, "select pg_relation_filepath('cold')", "app");
    await database.ask(leader, "checkpoint");
    const [end] = await database.ask(leader, "select pg_current_wal_lsn()");
    await waitFor("the follower to have it", async () => {
      const [isThere] = await database.ask(follower, `select pg_last_wal_replay_lsn() >= '${end}'`);
      return isThere === "t";
    });
    // What is replayed after a crash begins here, so that nothing writes the table anew.
    await database.ask(follower, "checkpoint");
    return file!;
  }

  const reads = (member: string): Promise<string> =>
    database.ask(member, "select count(*) from cold", "app").then(
      ([count]) => count!,
      (error: Error) => error.message,
    );

  it("loses nothing when the leader's is full: rows are refused until another leads, which room lets it follow", async () => {
    const report = await database.suffer(async (leader) => {
      const since = Date.now();
      const makeRoom = await fill(database.space, claimOf(leader));
      await waitFor("rows to be refused", async () => {
        const { failures } = await database.report(since);
        return failures.service.some((each) => each.includes("No space left on device"));
      });
      assert.equal(await database.leader(), leader, "a table that can't grow ends no server");
      // It ends with the first segment of WAL that there is no room for.
      const fillSegment = "select pg_logical_emit_message(false, 'test', 'x'), pg_switch_wal()";
      const another = database.anotherLeader(leader);
      await waitFor("the server to end", () =>
        database.ask(leader, fillSegment).then(
          () => false,
          () => true,
        ),
      );
      await another;
      const led = Date.now();
      await waitFor("rows again", async () => (await database.report(led)).acknowledged > 20);
      await makeRoom();
    });
    assertSafe(report);
    assert.notEqual(report.after, report.before);
  });

  it("makes a copy anew, from the leader, on which somebody who reads has found a broken page", async () => {
    let broken = "";
    const report = await database.suffer(async (leader) => {
      broken = followersOf(leader)[0]!;
      const file = await coldTable(leader, broken);
      await scribble(database.space, broken, file);
      await killServer(database.space, broken); // it would go on with what it has in memory
      await waitFor("the broken page to be found", async () => (await reads(broken)).includes("invalid page"));
      await waitFor("the page to be whole", async () => (await reads(broken)) === "5000", { timeout: 120_000 });
    });
    assertSafe(report);
    assert.equal(report.after, report.before);
    assert.equal(await reads(broken), "5000");
  });

  it("makes a copy anew, from the leader, whose server can't start any more", async () => {
    const report = await database.suffer(async (leader) => {
      // The other one: nobody is made anew again and again.
      const follower = followersOf(leader).at(-1)!;
      await scribble(database.space, follower, "global/pg_control");
      await killServer(database.space, follower);
      await waitFor("its server to be gone", async () => !/^\d+$/.test(await reads(follower)));
    });
    assertSafe(report);
    assert.equal(report.after, report.before);
  });
});
