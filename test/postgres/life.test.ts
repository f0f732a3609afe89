import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "../../local/wait.ts";
import { assertResumed, assertSafe, Database } from "./database.ts";
import { restrict, silentApiServer } from "./faults.ts";
import { memberNames, scope } from "./objects.ts";

describe("a cluster of PostgreSQL over its life", function () {
  this.timeout(600_000);
  let database: Database;
  before(async () => {
    database = await Database.open();
    await database.up();
    await database.startWriter();
  });
  after(() => database?.close());

  it("shows that its backup can be restored: a server on a copy of it reads every table and index", async () => {
    await database.space.kubectl("create", "job", "--from=cronjob/demo-backup-verification", "try");
    await database.space.kubectl("wait", "--for=condition=Complete", "job/try", "--timeout=120s");
  });

  it("begins anew beside itself with the very rows of a time in the past, while the writer goes on", async () => {
    const leader = await database.healthy();
    const [asOf] = await database.ask(leader, "select clock_timestamp()");
    const time = Date.parse(asOf!.replace(" ", "T").replace(/\+00$/, "Z"));
    await waitFor("later rows", async () => (await database.report(time)).acknowledged > 50);
    const [segment] = await database.ask(leader, "select pg_walfile_name(pg_switch_wal())");
    await waitFor("the archive to have them", async () => {
      const [last] = await database.ask(leader, "select last_archived_wal from pg_stat_archiver");
      return last! >= segment!;
    });
    await database.up({ restored: { scope, asOf: asOf! } });

    const there = await database.rowsOf("restored-0");
    const { sure, possible } = await database.rowsAsOf(time);
    assert.ok(sure.length > 20);
    assert.deepEqual(
      sure.filter((row) => !there.has(row)),
      [],
      "missing",
    );
    assert.deepEqual(
      [...there].filter((row) => !possible.includes(row)),
      [],
      "too much",
    );
    const { changes } = await database.up();
    assert.ok(changes.delete! > 10, "the restored one is gone again");
  });

  it("loses nothing when all that follow go at once, and goes on alone", async () => {
    const report = await database.suffer(async (leader) => {
      const others = memberNames.filter((each) => each !== leader);
      await database.space.kubectl("delete", "pod", ...others, "--grace-period=0", "--force");
    });
    assertSafe(report);
    assert.equal(report.after, report.before);
    assertResumed(report);
  });

  it("loses nothing while the API server hangs for longer than the lock lives", async () => {
    const report = await database.suffer(async () => {
      const mends = await Promise.all(memberNames.map((each) => restrict(database.space, each, silentApiServer)));
      await pause(60_000);
      for (const mend of mends) await mend();
    });
    assertSafe(report);
    assertResumed(report);
  });

  it("loses nothing when more memory replaces all members one by one", async () => {
    const report = await database.suffer(async () => {
      await database.up({ memoryMiB: 448 });
    });
    assertSafe(report);
    assertResumed(report);
    const [buffers] = await database.ask(report.after, "show shared_buffers");
    assert.equal(buffers, "112MB");
  });

  it("takes up other timings without any restart", async () => {
    const started = "select pg_postmaster_start_time()";
    const leader = await database.healthy();
    const [before] = await database.ask(leader, started);
    await database.up({ memoryMiB: 448, timings: { ttl: 30, loopWait: 5, retryTimeout: 5 } });
    assert.equal(await database.healthy(), leader);
    assert.deepEqual(await database.ask(leader, started), [before]);
  });
});
