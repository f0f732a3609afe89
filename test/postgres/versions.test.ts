import assert from "node:assert/strict";
import { waitFor } from "../../local/wait.ts";
import { assertResumed, assertSafe, Database, type Report } from "./database.ts";
import { scope, successor } from "./objects.ts";

/** Things that rows alone don't carry over. */
const furnish = `
  create sequence ticket; select nextval('ticket') from generate_series(1, 41);
  create role auditor login password 'letmein'; grant select on written to auditor;
  create view newest as select max(number) from written;
  create table big (id int primary key, filler text);
  insert into big select each, repeat(md5(each::text), 30) from generate_series(1, 50000) each`;

describe("the lead from PostgreSQL 15 to 17", function () {
  this.timeout(600_000);
  let database: Database;
  before(async () => {
    database = await Database.open({ oldVersion: 15, backups: undefined });
    await database.up();
    await database.startWriter(30);
  });
  after(() => database?.close());

  const ask = async (of: string, query: string): Promise<string[]> =>
    database.ask(await database.leader(of), query, "app");

  async function move(leads: string, follows: string): Promise<Report> {
    const report = await database.move(leads);
    const { pooler, service } = report.gaps;
    console.log(`      without a row: ${pooler.toFixed(1)} s by the pools, ${service.toFixed(1)} s by the Service`);
    assertSafe(report);
    assertResumed(report);
    assert.deepEqual([report.turns, report.failures.pooler], [1, []]);
    await database.followed(leads, follows);
    return report;
  }

  /** A row that the one took is there with the other, soon. */
  const isSent = async (from: string, to: string): Promise<void> => {
    const count = "select count(*) from written";
    const [there] = await ask(from, count);
    await waitFor(`rows of ${from} with ${to}`, async () => Number((await ask(to, count))[0]) >= Number(there));
  };

  it("is refused where rows alone aren't all, and the old cluster goes on", async () => {
    const [id] = await ask(scope, "select lo_create(0)");
    const said = await database.failure({ leads: scope });
    assert.match(said, new RegExp(`${successor}-copy`));
    const log = await database.space.kubectl("logs", `job/${successor}-copy`);
    assert.match(log, /another major version gets rows of tables with a key, and demo has: large objects/);
    await ask(scope, `select lo_unlink(${id})`);
    await database.space.kubectl("delete", "job", `${successor}-copy`);
  });

  it("begins with a copy that follows: schema, roles, and rows as they come", async () => {
    const leader = await database.healthy();
    await database.ask(leader, furnish, "app");
    await database.ask(leader, "alter sequence ticket owner to app; alter table big owner to app", "app");
    await database.up({ leads: scope });
    await database.followed(scope, successor);
    await isSent(scope, successor);
    assert.deepEqual(await ask(successor, "select count(*), sum(length(filler)) from big"), ["50000", "48000000"]);
    const [version] = await ask(successor, "show server_version_num");
    assert.equal(Math.floor(Number(version) / 10_000), 17);
    await database.ask(await database.leader(scope), "update big set filler = 'short' where id <= 1000", "app");
  });

  it("lets nobody in to the one that follows", async () => {
    const login = `host=${successor}-0.${successor} user=app dbname=app sslmode=require`;
    const command = `PGPASSWORD=$APP_PASSWORD psql "${login}" --command="select 1"`;
    await assert.rejects(
      database.space.kubectl("exec", `${scope}-0`, "--container=patroni", "--", "dash", "-c", command),
      /too many connections for database "app"/,
    );
  });

  it("goes to the new cluster without losing a row, and the old one follows", async () => {
    await move(successor, scope);
    await isSent(successor, scope);
    assert.deepEqual(await ask(successor, "select nextval('ticket'), count(*) from big where filler = 'short'"), [
      "42",
      "1000",
    ]);
    assert.deepEqual(await ask(successor, "select has_table_privilege('auditor', 'written', 'select')"), ["t"]);
  });

  it("survives that the new leader dies, and goes back without losing a row that the new cluster took", async () => {
    const leader = await database.leader(successor);
    await database.space.kubectl("delete", "pod", leader, "--grace-period=0", "--force");
    await waitFor("another leader", async () => (await database.leader(successor)) !== leader, { timeout: 120_000 });
    await database.healthy(successor);
    await database.followed(successor, scope);
    await isSent(successor, scope);
    await move(scope, successor);
    // A leader that dies skips some, and gives none twice.
    const [ticket] = await ask(scope, "select nextval('ticket')");
    assert.ok(Number(ticket) >= 43, ticket);
  });

  it("goes over without losing a row when the one that moves it dies in between", async () => {
    const moving = database.move(successor);
    const isShut = async (): Promise<boolean> =>
      (await ask(scope, "select datconnlimit from pg_database where datname = 'app'"))[0] === "0";
    await waitFor("the old cluster to be shut", isShut, { timeout: 180_000, interval: 20 });
    const mover = `job-name=${scope}-leads-${successor}-1`;
    await database.space.kubectl("delete", "pod", "--selector", mover, "--grace-period=0", "--force");
    const report = await moving;
    assertSafe(report);
    assert.equal(report.turns, 1);
  });
});
