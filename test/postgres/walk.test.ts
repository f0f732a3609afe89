import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import type { StandIn } from "../../analyzer/stand-in/writer.ts";
import { readLive } from "../../live/read.ts";
import { exec } from "../../local/exec.ts";
import { toolPath } from "../../local/tools/tools.ts";
import { waitFor } from "../../local/wait.ts";
import { scopeOf } from "../../rollout/postgres/migration.ts";
import { keptUntilAnnotation } from "../../rollout/postgres/way-back.ts";
import { Project, watching } from "../support/environment.ts";
import { assertSafe, type Report } from "./database.ts";
import { certificate, hostsOf, writer } from "./objects.ts";
import { emptyBucket, s3Server } from "./s3-server.ts";

const system = "distributed-postgres";
const stack = "rehearsal";
const tlsSecret = "postgres-tls";
/** So much faster goes the time of a plan here: the three days of the way back are three minutes. */
const scale = { time: 1440, size: 160 };

/** More than rows: 50 MB with a sequence, large objects, an extension and a role of their own. */
const realData = `
  create role reader login password 'for-the-test';
  create extension if not exists pg_trgm;
  create sequence numbers start 4711;
  select nextval('numbers');
  create table real as select number, repeat(md5(number::text), 2) as text from generate_series(1, 500000) as number;
  alter table real add primary key (number);
  grant select on real to reader;
  select lo_from_bytea(0, decode(repeat(md5(number::text), 4096), 'hex')) from generate_series(1, 8) as number`;

/** All of it in short, but for the sequence, which goes ahead when another leads. */
const heldData = `
  select (select count(*) from real),
    (select md5(string_agg(real::text, ',' order by number)) from real),
    (select md5(string_agg(encode(lo_get(oid), 'hex'), ',' order by oid)) from pg_largeobject_metadata),
    (select string_agg(extname || extversion, ',' order by extname) from pg_extension),
    (select string_agg(rolname || coalesce(rolpassword, ''), ',' order by rolname) from pg_authid),
    (select pg_relation_size('real') > 45e6),
    (select relacl from pg_class where relname = 'real')`;

/** Production's plan, by updates of the program and by nothing else. */
describe("the database walks its plan", function () {
  this.timeout(900_000);
  let project: Project;
  let standIn: StandIn;
  let held: string;
  let watch: { stop(): Promise<void> };
  const image = { a: "", b: "", cutover: "", s3: "" };
  const scope = { a: "", b: "" };

  const kubectl = async (...args: string[]): Promise<string> => {
    const login = ["--kubeconfig", project.kubeconfig, "--context", `${stack}-admin`, "--namespace", system];
    return (await exec(await toolPath("kubectl"), [...login, ...args])).trim();
  };
  const apply = async (objects: readonly object[]): Promise<void> => {
    const login = ["--kubeconfig", project.kubeconfig, "--context", `${stack}-admin`, "--namespace", system];
    const input = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
    await exec(await toolPath("kubectl"), [...login, "apply", "--server-side", "--filename", "-"], { input });
  };
  const set = (key: string, value: string | number) => project.set(stack, `${system}.${key}`, value);
  const live = async () => (await readLive(project.api(`${stack}-systems`)))![system]!;
  const pass = async (): Promise<void> => {
    await waitFor("the stand-in to have seen the last step", async () => {
      const { spec, status } = (await live()).rollout!;
      return status.observedStep === spec.step && status.onTarget;
    });
    await standIn.pass(system, { withoutSoak: true });
  };
  /** One line of config, and an update. */
  async function go(phase: string, percent: number): Promise<string> {
    await set("phase", phase);
    await set("percent", percent);
    return project.up(stack);
  }
  const refused = async (phase: string, percent: number): Promise<string> => {
    await set("phase", phase);
    await set("percent", percent);
    const { code, text } = await project.pulumi(stack, "up", "--yes", "--skip-preview");
    assert.notEqual(code, 0);
    return text;
  };
  const report = async (since = 0): Promise<Report> =>
    JSON.parse(await kubectl("exec", "writer", "--", "python3", "/writer/writer.py", "report", String(since / 1000)));
  /** All that was ever acknowledged is there, and clients of the pools have seen no error. */
  async function assertKept(since: number): Promise<void> {
    await waitFor("rows after it", async () => (await report(Date.now() - 2000)).acknowledged > 10, { interval: 500 });
    const found = await report(since);
    assertSafe(found);
    assert.deepEqual(found.failures.pooler, []);
  }
  /** Asks the leader of a cluster as its superuser. */
  const ask = async (of: string, query: string): Promise<string> => {
    const holder = ["get", "configmap", `${of}-leader`, "--output", "jsonpath={.metadata.annotations.leader}"];
    const psql = ["psql", "--host=/run/postgresql", "--username=postgres", "--no-align", "--tuples-only", "app"];
    const exec = ["exec", await kubectl(...holder), "--container=patroni", "--", ...psql];
    return kubectl(...exec, "--command", query);
  };
  const isDone = async (job: string): Promise<boolean> =>
    (await kubectl("get", "job", job, "--output", "jsonpath={.status.succeeded}")) === "1";
  /** Where the Service of a cluster's leader goes. */
  const leads = (of: string): Promise<string> =>
    kubectl("get", "service", `${of}-primary`, "--output", "jsonpath={.spec.selector.cluster-name}");
  const unchanged = async (): Promise<void> =>
    assert.doesNotMatch(await project.up(stack), /\d+ (created|updated|replaced|deleted)/);

  before(async () => {
    project = await Project.open();
    const images = await project.startBare(stack, ["postgres", "postgres:next", "cutover", s3Server]);
    for (const [key, name] of [
      ["a", "postgres"],
      ["b", "postgres:next"],
      ["cutover", "cutover"],
      ["s3", s3Server],
    ] as const) {
      image[key] = images.get(name)!;
    }
    scope.a = scopeOf(image.a);
    scope.b = scopeOf(image.b);
    const database = { cutover: image.cutover, certificate: tlsSecret };
    const common = { "rampart:environment": stack, "rampart:scale": scale, "rampart:database": database };
    await project.makeStack(`${stack}-platform`, {
      ...{ "kubernetes:context": `${stack}-platform`, "rampart:layer": "platform" },
      ...common,
    });
    await project.makeStack(stack, {
      ...{ "kubernetes:context": `${stack}-systems`, "rampart:layer": "systems" },
      ...common,
      [`rampart:${system}`]: { stable: image.a, artifact: image.a, percent: 100 },
    });
    await project.up(`${stack}-platform`);
    standIn = await project.standIn(stack);
    watch = watching(standIn);
    await apply([await certificate(system, tlsSecret, [scope.a, scope.b], [system])]);
  });
  after(async () => {
    await watch?.stop();
    await project?.close();
  });

  it("begins settled: one cluster, which nobody may remove, and a second update has nothing to do", async () => {
    await project.up(stack);
    await unchanged();
    await assert.rejects(kubectl("delete", "statefulset", scope.a, "--dry-run=server"), /is the way back/);
    const names = {
      ...{ pooler: system, service: `${scope.a}-primary`, replica: `${scope.a}-replica` },
      members: [scope.a, scope.b].flatMap(hostsOf),
      ...{ tlsSecret, passwords: `${system}-passwords` },
    };
    await apply(await writer(image.a, 30, names));
    await waitFor("the first rows", async () => (await report()).acknowledged > 20);
    await ask(scope.a, realData);
    held = await ask(scope.a, heldData);
    assert.match(held, /^500000\|/);
  });

  it("pre-migration: backs up and restores, and nothing else comes before that has passed", async () => {
    await set("artifact", image.b);
    await go("pre-migration", 0);
    assert.ok(await isDone(`${scope.a}-backup-snapshot-2`));
    assert.ok(await isDone(`${scope.a}-backup-restore-2`));
    assert.match(await refused("migration", 0), /pre-migration has not passed/);
    assert.equal(await kubectl("get", "statefulset", "--output", "name"), `statefulset.apps/${scope.a}`);
  });

  it("migration: the new cluster comes, follows, and each row of it was read; the old one leads", async () => {
    await go("pre-migration", 0);
    await pass();
    await go("migration", 0);
    assert.ok(await isDone(`${scope.a}-backup-final-backup-2`));
    assert.ok(await isDone(`${scope.b}-validation-2`));
    assert.deepEqual(await Promise.all([leads(scope.a), leads(scope.b)]), [scope.a, scope.a]);
    await unchanged();
  });

  it("verification: the new cluster leads, no row is lost, and the old one can't be removed", async () => {
    const since = Date.now();
    assert.match(await refused("verification", 100), /migration has not passed/);
    await go("migration", 0);
    await pass();
    await go("verification", 100);
    assert.deepEqual(await Promise.all([leads(scope.a), leads(scope.b)]), [scope.b, scope.b]);
    await assertKept(since);
    assert.equal(await ask(scope.b, heldData), held);
    assert.ok(Number(await ask(scope.b, "select nextval('numbers')")) > 4711, "a number that was given out already");
    await assert.rejects(kubectl("delete", "statefulset", scope.a, "--dry-run=server"), /is the way back/);
  });

  it("goes back by the same line of config without losing what the new cluster took, and forward again", async () => {
    const since = Date.now();
    await go("migration", 0);
    assert.equal(await leads(scope.a), scope.a);
    await assertKept(since);
    await pass();
    await go("verification", 100);
    assert.equal(await leads(scope.a), scope.b);
    await assertKept(since);
  });

  it("goes back by the next update after an abort, whatever the config says", async () => {
    const since = Date.now();
    await waitFor("the stand-in", async () => (await live()).rollout!.status.phase === "verification");
    await standIn.abort(system, "errors", "6 % of statements failed");
    await project.up(stack);
    assert.equal(await leads(scope.a), scope.a);
    await assertKept(since);
  });

  it("is tried again with a reason, and watched", async () => {
    const since = Date.now();
    await set("retry", 1);
    await set("reason", "the cause was the network");
    await go("pre-migration", 0);
    for (const [phase, percent] of [
      ["migration", 0],
      ["verification", 100],
      ["watch-72h", 100],
    ] as const) {
      await pass();
      await go(phase, percent);
    }
    assert.equal(await leads(scope.a), scope.b);
    await assertKept(since);
  });

  it("settles when the way back has closed: the old cluster goes, the new one goes on", async () => {
    await pass();
    const until = async (): Promise<number> => {
      const { metadata } = JSON.parse(await kubectl("get", "statefulset", scope.a, "--output", "json"));
      return Date.parse(metadata.annotations[keptUntilAnnotation]);
    };
    await waitFor("the end of the way back", async () => Date.now() > (await until()) + 3000, { timeout: 300_000 });
    await project.up(stack);
    await kubectl("delete", "pod", "writer", "--grace-period=0", "--force");
    await project.rampart("settle", system, "--stack", stack);
    await project.up(stack);
    assert.equal(await kubectl("get", "statefulset", "--output", "name"), `statefulset.apps/${scope.b}`);
    const rows = await ask(scope.b, "select count(*) from written");
    assert.ok(Number(rows) > 1000, rows);
    await unchanged();
  });

  it("keeps its backups in a bucket as soon as the config says so, and reaches it by the platform's leave", async () => {
    const place = { namespace: system, kubectl, apply: (...objects: { metadata: object }[]) => apply(objects) };
    const bucket = await emptyBucket(place, image.s3);
    for (const layer of [`${stack}-platform`, stack]) {
      const file = project.stackFile(layer);
      const text = parseDocument(await readFile(file, "utf8"));
      text.setIn(["config", "rampart:database", "bucket"], bucket);
      await writeFile(file, text.toString());
      await project.up(layer);
    }
    const keeper = [`deployment/${scope.b}-backup`, "--", "pgbackrest"];
    assert.match(await kubectl("exec", ...keeper, "repo-ls", "backup"), new RegExp(scope.b));
    assert.match(await kubectl("exec", ...keeper, "repo-get", "--raw", `backup/${scope.b}/backup.info`), /^Salted__/);
    const policies = await kubectl("get", "networkpolicies", "--output=name");
    assert.match(policies, /allow-bucket/);
    assert.doesNotMatch(policies, /-backup/);
    await unchanged();
  });
});
