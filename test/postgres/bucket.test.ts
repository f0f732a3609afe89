import assert from "node:assert/strict";
import { importImages } from "../../local/cluster/addons/addons.ts";
import { waitFor } from "../../local/wait.ts";
import { Database, backups as onVolume } from "./database.ts";
import { memberNames, scope } from "./objects.ts";
import { emptyBucket, s3Server } from "./s3-server.ts";

describe("a cluster of PostgreSQL with its backups in a bucket", function () {
  this.timeout(600_000);
  let database: Database;
  let change: { readonly backups: object };
  before(async () => {
    database = await Database.open();
    const { volumeMiB: _, ...kept } = onVolume;
    const image = (await importImages(database.space.cluster, [s3Server])).get(s3Server)!;
    change = { backups: { ...kept, bucket: await emptyBucket(database.space, image) } };
    await database.up(change);
  });
  after(() => database?.close());

  const kubectl = (...args: string[]): Promise<string> => database.space.kubectl(...args);
  const ofKeeper = (...args: string[]): Promise<string> =>
    kubectl("exec", `deployment/${scope}-backup`, "--", "pgbackrest", ...args);
  let jobs = 0;
  async function complete(what: string): Promise<void> {
    const job = `${what}-${++jobs}`;
    await kubectl("create", "job", `--from=cronjob/${scope}-backup-${what}`, job);
    await kubectl("wait", "--for=condition=Complete", `job/${job}`, "--timeout=120s");
  }
  type Kept = { readonly type: string; readonly label: string; readonly annotation?: Readonly<Record<string, string>> };
  async function kept(): Promise<Kept[]> {
    const [{ backup }] = JSON.parse(await ofKeeper(`--stanza=${scope}`, "--output=json", "info"));
    return backup;
  }

  it("comes up with WAL and a first backup there, encrypted, and with no volume for them", async () => {
    const there = (await ofKeeper("repo-ls", "--recurse")).split("\n");
    assert.ok(there.some((file) => /^archive\/demo\/17-1\/[0-9A-F]{16}\/[0-9A-F]{24}-/.test(file)));
    assert.ok(there.some((file) => /^backup\/demo\/\d{8}-\d{6}F\/backup\.manifest$/.test(file)));
    assert.match(await ofKeeper("repo-get", "--raw", "backup/demo/backup.info"), /^Salted__/);
    assert.doesNotMatch(await kubectl("get", "pvc", "--output=name"), /backup/);
  });

  it("changes nothing when brought up again", async () => {
    const { changes } = await database.up(change);
    assert.deepEqual(Object.keys(changes), ["same"]);
  });

  it("gives no member the keys to it", async () => {
    for (const member of memberNames) {
      assert.doesNotMatch(await kubectl("get", "pod", member, "--output=json"), /s3-login/);
    }
  });

  it("adds what has changed since, and notes that the backup was restored and read", async () => {
    await complete("differential");
    await complete("verification");
    const backups = await kept();
    assert.deepEqual(
      backups.map(({ type }) => type),
      ["full", "diff"],
    );
    assert.ok(Number(backups.at(-1)!.annotation?.verified) > 0);
  });

  it("keeps as many as it is to, and removes what is older from the bucket", async () => {
    const [first] = await kept();
    for (const _ of [1, 2]) await complete("full");
    assert.deepEqual(
      (await kept()).map(({ type }) => type),
      ["full", "full"],
    );
    assert.doesNotMatch(await ofKeeper("repo-ls", "--recurse"), new RegExp(`backup/demo/${first!.label}`));
  });

  describe("as of a time in the past", () => {
    let asOf: string;
    const count = "select count(*) from counted";
    const fill = (from: number, to: number): string =>
      `insert into counted select generate_series(${from}, ${to}) returning 1`;

    before(async () => {
      const leader = await database.healthy();
      await database.ask(leader, "create table counted (number int primary key)", "app");
      await database.ask(leader, fill(1, 1000), "app");
      [asOf] = (await database.ask(leader, "select clock_timestamp()")) as [string];
      await database.ask(leader, fill(1001, 1500), "app");
      const [segment] = await database.ask(leader, "select pg_walfile_name(pg_switch_wal())");
      await waitFor("the bucket to have them", async () => {
        const [last] = await database.ask(leader, "select last_archived_wal from pg_stat_archiver");
        return last! >= segment!;
      });
      assert.deepEqual(await database.ask(leader, count, "app"), ["1500"]);
    });

    it("is served by one command, row for row", async () => {
      const [, pod] = /served by (\S+), at /.exec(await database.serve(scope, asOf))!;
      const psql = ["psql", "--host=/tmp", "--username=postgres", "--no-align", "--tuples-only", "app"];
      assert.equal((await kubectl("exec", pod!, "--", ...psql, "--command", count)).trim(), "1000");
    });

    it("begins anew from the bucket alone, when the cluster and all its volumes are gone", async () => {
      await database.up({ ...change, left: "nothing" });
      await kubectl("delete", "pvc", "--all", "--wait=false");
      await database.up({ ...change, left: "backups" });
      await database.up({ ...change, left: "backups", restored: { scope, asOf } });
      assert.deepEqual(await database.ask("restored-0", count, "app"), ["1000"]);
    });
  });
});
