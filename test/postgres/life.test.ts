import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { waitFor } from "../../local/wait.ts";
import { restoredName } from "../../rollout/postgres/restored-server.ts";
import { allRows, assertResumed, assertSafe, Database } from "./database.ts";
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

  describe("as of a time in the past, while the writer goes on", () => {
    let asOf: string;
    let time: number;

    before(async () => {
      const leader = await database.healthy();
      [asOf] = (await database.ask(leader, "select clock_timestamp()")) as [string];
      time = Date.parse(asOf.replace(" ", "T").replace(/\+00$/, "Z"));
      await waitFor("later rows", async () => (await database.report(time)).acknowledged > 50);
      const [segment] = await database.ask(leader, "select pg_walfile_name(pg_switch_wal())");
      await waitFor("the archive to have them", async () => {
        const [last] = await database.ask(leader, "select last_archived_wal from pg_stat_archiver");
        return last! >= segment!;
      });
    });

    /** All that was acknowledged by then, and nothing that was begun later. */
    async function assertAsOf(there: ReadonlySet<string>): Promise<void> {
      const { sure, possible } = await database.rowsAsOf(time);
      assert.ok(sure.length > 20);
      const missing = sure.filter((row) => !there.has(row));
      const tooMuch = [...there].filter((row) => !possible.includes(row));
      assert.deepEqual({ missing, tooMuch }, { missing: [], tooMuch: [] });
    }

    it("begins anew beside itself with the very rows of that time", async () => {
      await database.up({ restored: { scope, asOf } });
      await assertAsOf(await database.rowsOf("restored-0"));
      const { changes } = await database.up();
      assert.ok(changes.delete! > 10, "the restored one is gone again");
    });

    it("is served by one command, and the cluster itself isn't touched", async () => {
      const [, pod] = /served by (\S+), at /.exec(await database.serve(scope, asOf))!;
      const psql = ["psql", "--host=/tmp", "--username=postgres", "--no-align", "--tuples-only", "app", "--command"];
      const rows = await database.space.kubectl("exec", pod!, "--", ...psql, allRows);
      await assertAsOf(new Set(JSON.parse(rows)));
      await database.serve(scope, asOf); // somebody who asks again is given the same
      const job = restoredName({ scope, asOf, hours: 8 });
      await database.space.kubectl("delete", "job", job, "--wait=false");
      assertSafe(await database.report(time));
    });

    it("says why it isn't: before the first backup, after all that is archived, of a cluster that isn't there", async () => {
      await assert.rejects(
        database.serve(scope, "2026-01-01 00:00:00+00"),
        /unable to find backup set with stop time less than/,
      );
      const tomorrow = new Date(Date.now() + 86_400_000)
        .toISOString()
        .replace("T", " ")
        .replace(/\.\d+Z$/, "+00");
      await assert.rejects(database.serve(scope, tomorrow), /recovery ended before configured recovery target/);
      await assert.rejects(database.serve("dema", asOf), /has no cluster dema that keeps backups .*; there are: demo/);
    });
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
