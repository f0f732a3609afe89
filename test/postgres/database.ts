import assert from "node:assert/strict";
import { join } from "node:path";
import { importImages } from "../../local/cluster/addons/addons.ts";
import { ensureVolumes } from "../../local/cluster/addons/volumes.ts";
import { kubectl } from "../../local/cluster/cluster.ts";
import { exec } from "../../local/exec.ts";
import { root } from "../../local/paths.ts";
import { waitFor } from "../../local/wait.ts";
import { etcdScope } from "../../rollout/postgres/etcd.ts";
import { defaultReadiness, defaultTimings } from "../../rollout/postgres/settings.ts";
import { wayBackPolicy } from "../../rollout/postgres/way-back.ts";
import { type Outcome, preview, up, type Workspace, workspace } from "../engine/support.ts";
import { Space } from "../support/pods.ts";
import { freeze, noPacketsFrom, restrict, thaw } from "./faults.ts";
import { certificate, memberNames, members, namesOf, scope, successor, tlsSecret, writer } from "./objects.ts";

/** What the writer found. */
export interface Report {
  readonly acknowledged: number;
  /** Of all that were ever acknowledged. */
  readonly lost: number;
  /** Rows that a leader took who had been replaced. */
  readonly overtaken: number;
  /** Timelines that more than one server wrote on. */
  readonly shared: number;
  /** How often another database's server took rows than before. */
  readonly turns: number;
  /** The longest time without an acknowledged row, in seconds, for either way that applications take. */
  readonly gaps: Readonly<Record<"service" | "pooler", number>>;
  /** Answers that were an error, or too late: for writes by either way, and for reads of those that follow. */
  readonly failures: Readonly<Record<"service" | "pooler" | "reader", readonly string[]>>;
}

/** With who led before and after. */
type Suffered = Report & { readonly before: string; readonly after: string };

/** No acknowledged row is gone, and never did two members take rows at once. */
export function assertSafe({ lost, overtaken, shared, acknowledged }: Report): void {
  assert.deepEqual({ lost, overtaken, shared }, { lost: 0, overtaken: 0, shared: 0 });
  assert.ok(acknowledged > 0);
}

/** By default as long as a client of the pools is let wait. */
export function assertResumed({ gaps }: Report, seconds = 60): void {
  assert.ok(Math.max(...Object.values(gaps)) < seconds, JSON.stringify(gaps));
}

/** Of the cluster's arguments, or another cluster beside it: one that begins with what it was, or one that follows or leads. */
type Change = {
  readonly leads?: string;
  readonly wayBackHours?: number;
  readonly restored?: { readonly scope: string; readonly asOf: string };
  readonly etcd?: { readonly members: number; readonly volumeMiB: number };
  /** Of the first cluster; another has the newest. */
  readonly oldVersion?: 15;
  /** All that is still declared of the first cluster. */
  readonly left?: "backups" | "nothing";
  readonly [argument: string]: unknown;
};

/** Of the writer, as one text. */
export const allRows = "select json_agg(name || ' ' || number) from written";

/** Never while a test runs. */
const schedule = { full: "0 0 1 1 *", differential: "0 0 1 2 *", verification: "0 0 1 3 *" };
export const backups = { volumeMiB: 1024, keptFull: 2, schedule };

/** A cluster of PostgreSQL that a Pulumi program declares, in a namespace where pods may do nothing. */
export class Database {
  readonly space: Space;
  readonly #project: Workspace;
  readonly #images: ReadonlyMap<string, string>;
  readonly #always: Change;
  /** Whether a row counts only when another member has it too, as declared last. */
  #isQuorum = true;

  private constructor(space: Space, project: Workspace, images: ReadonlyMap<string, string>, always: Change) {
    this.space = space;
    this.#project = project;
    this.#images = images;
    this.#always = always;
  }

  static async open(always: Change = {}, namespace?: string): Promise<Database> {
    const space = await Space.open(namespace);
    // Those of the databases before it; the node has no more than the tests take together.
    await ensureVolumes(space.cluster);
    const images = await importImages(space.cluster, [
      ...["postgres", always.etcd ? "etcd" : "cutover"],
      ...(always.oldVersion ? [`postgres:${always.oldVersion}`] : []),
    ]);
    await space.kubectl("delete", "pod", "client", "--wait=false"); // it is not restricted
    await space.kubectl("label", "namespace", space.namespace, "pod-security.kubernetes.io/enforce=restricted");
    await space.apply(await certificate(space.namespace, tlsSecret, [scope, etcdScope(scope), successor, "restored"]));
    const project = await workspace("", { kubeconfig: space.cluster.where.kubeconfig("admin") });
    return new Database(space, project, images, always);
  }

  async close(): Promise<void> {
    // Others on the node had better not share it with this, and what leads, or is the way back, would stay.
    const kept = "validatingadmissionpolicybinding,validatingadmissionpolicy";
    await this.space.kubectl("delete", kept, wayBackPolicy, "--ignore-not-found");
    await this.space.kubectl("delete", "namespace", this.space.namespace, "--wait=false");
    await this.#project.remove();
  }

  /** Brings the program with these arguments to the cluster. */
  async up(change: Change = {}): Promise<Outcome> {
    await this.#declare(change);
    return this.#project.run(up);
  }

  /** What an update says that can't be done. */
  async failure(change: Change): Promise<string> {
    await this.#declare(change);
    return (await this.#project.failure(up)).text;
  }

  /** What a preview says of arguments that must not pass it. */
  async refusal(change: Change): Promise<string> {
    await this.#declare(change);
    return (await this.#project.failure(preview)).text;
  }

  /** Has the command serve a cluster as it was at that time; what it prints. */
  async serve(of: string, asOf: string): Promise<string> {
    const { cluster, namespace } = this.space;
    const env = { ...process.env, KUBECONFIG: cluster.where.kubeconfig("admin") };
    const context = (await kubectl(cluster, ["config", "current-context"])).trim();
    const command = ["postgres", "restore", of, "--context", context, "--namespace", namespace, "--as-of", asOf];
    return exec(process.execPath, [join(root, "cli/rampart.ts"), ...command], { env, cwd: root });
  }

  async #declare(wanted: Change): Promise<void> {
    const { restored, left, leads, wayBackHours, etcd, oldVersion, ...change } = { ...this.#always, ...wanted };
    const { namespace } = this.space;
    const args = {
      ...{ scope, namespace, members, image: this.#images.get("postgres"), tlsSecret, durability: "quorum" },
      ...{ dataMiB: 200, volumeMiB: 1024, memoryMiB: 384, cpuMillis: 100, postgresVersion: 17 },
      backups,
      ...{ clients: ["10.244.0.0/16"], hostAliases: [], timings: defaultTimings, readiness: defaultReadiness },
      ...(etcd && { etcd: { ...etcd, image: this.#images.get("etcd") } }),
      ...(oldVersion && { image: this.#images.get(`postgres:${oldVersion}`), postgresVersion: oldVersion }),
      ...change,
    };
    const newest = oldVersion && { image: this.#images.get("postgres"), postgresVersion: 17 };
    const program = ["patroni-cluster", "passwords", "lead", "way-back", "backups"].map(
      (file) =>
        `import * as ${file.replace("-", "")} from ${JSON.stringify(join(root, `components/postgres/${file}.ts`))};`,
    );
    const object = (fields: object, more: string): string => `{ ...${JSON.stringify(fields)}, ${more} }`;
    const login = (of: string): string =>
      `new passwords.Passwords("${of}", ${JSON.stringify({ scope: of, namespace })})`;
    const cluster = (fields: { readonly scope: string }, more: string): string =>
      `new patronicluster.PatroniCluster("${fields.scope}", ${object(fields, more)});`;
    program.push(`const login = ${login(scope)};`);
    if (leads) {
      program.push(`new wayback.WayBack("way-back", ${JSON.stringify({ hours: wayBackHours })});`);
      const next = { ...args, ...newest, scope: successor, backups: undefined };
      const clusters = [args, next].map(({ scope, postgresVersion }) => ({ scope, members, postgresVersion }));
      const moved = { namespace, clusters, leads, image: this.#images.get("cutover"), tlsSecret, wayBackHours };
      program.push(`const pair = new lead.Lead("${scope}", ${object(moved, "passwords: login")});`);
      for (const one of [args, next]) {
        program.push(cluster(one, "passwords: login, lead: pair"));
      }
    } else if (left === "backups") {
      const kept = { request: args, backups: args.backups, image: args.image, tlsSecret, isIdle: true };
      program.push(`new backups.Backups("${scope}-left", ${JSON.stringify(kept)});`);
    } else if (left !== "nothing") program.push(cluster(args, "passwords: login"));
    if (restored) {
      const copy = { ...args, backups: undefined, scope: "restored", restore: restored };
      program.push(cluster(copy, `passwords: ${login("restored")}`));
    }
    this.#isQuorum = args.durability === "quorum";
    await this.#project.write({ "index.ts": program.join("\n") });
  }

  /** Who holds the lock: labels may lag behind it. */
  leader(of = scope): Promise<string> {
    if (this.#always.etcd) return this.#leaderAsMembersSay(of);
    const path = "jsonpath={.metadata.annotations.leader}";
    return this.space.kubectl("get", "configmap", `${of}-leader`, "--output", path);
  }

  async #leaderAsMembersSay(of: string): Promise<string> {
    const named = `[each["name"] for each in json.loads(attendant.patroni("/cluster"))["members"] if each["role"] == "leader"]`;
    for (const member of namesOf(of)) {
      const [leader] = JSON.parse(await this.#attend(member, `print(json.dumps(${named}))`).catch(() => "[]"));
      if (leader) return leader;
    }
    throw new Error(`no member of ${of} knows a leader`);
  }

  /** Has the attendant beside a member do something. */
  #attend(member: string, what: string): Promise<string> {
    const script = `import json, sys; sys.path.insert(0, '/etc/pgbackrest'); import attendant; ${what}`;
    return this.space.kubectl("exec", member, "--container=attendant", "--", "python3", "-c", script);
  }

  /** Asks a member as its superuser; one value for each column. */
  async ask(member: string, query: string, database = "postgres"): Promise<string[]> {
    const psql = ["psql", "--host=/run/postgresql", "--username=postgres", "--no-align", "--tuples-only", database];
    const answer = await this.space.kubectl("exec", member, "--container=patroni", "--", ...psql, "--command", query);
    return answer.trim().split("|");
  }

  async rowsOf(member: string): Promise<Set<string>> {
    const [rows] = await this.ask(member, allRows, "app");
    return new Set(JSON.parse(rows!));
  }

  /** The leader, once all members are ready, all others stream from it, and it waits for them where it should. */
  healthy(of = scope): Promise<string> {
    return waitFor(
      "a leader from which all other members stream",
      async () => {
        const ready = "jsonpath={.status.readyReplicas}";
        const replicas = await this.space.kubectl("get", "statefulset", of, "--output", ready);
        const leader = await this.leader(of);
        const [isBehind, named, streaming] = await this.ask(
          leader,
          `select pg_is_in_recovery(), current_setting('synchronous_standby_names'),
             count(*) filter (where state = 'streaming' and application_name like '${of}-%') from pg_stat_replication`,
        );
        if (Number(replicas) !== members || isBehind !== "f" || Number(streaming) !== members - 1) return false;
        // Until the leader knows whom to wait for, it can't be replaced without loss, and isn't.
        return (named !== "" || !this.#isQuorum) && leader;
      },
      { timeout: 180_000, interval: 250 },
    );
  }

  /** An answer counts for so many seconds. */
  async startWriter(patience = 2.5): Promise<void> {
    await this.space.apply(...(await writer(this.#images.get("postgres")!, patience)));
    await waitFor("the first rows", async () => (await this.report(0)).acknowledged > 20);
  }

  /** What the writer has to say of the time since then; the times are this machine's, as are the pods'. */
  async report(since: number): Promise<Report> {
    const seconds = String(since / 1000);
    return JSON.parse(
      await this.space.kubectl("exec", "writer", "--", "python3", "/writer/writer.py", "report", seconds),
    );
  }

  /** Does something to the leader and waits until all is well again; what the writer saw of it. */
  async suffer(fault: (leader: string) => Promise<void>): Promise<Suffered> {
    const before = await this.healthy();
    const since = Date.now();
    await fault(before);
    const after = await this.healthy();
    const resumed = Date.now();
    await waitFor("rows after it", async () => (await this.report(resumed)).acknowledged > 50, { interval: 500 });
    return { ...(await this.report(since)), before, after };
  }

  /** Moves the lead to the other cluster by one update; what the writer saw of it. */
  async move(leads: string): Promise<Report> {
    const since = Date.now();
    await this.up({ leads });
    await this.healthy(leads);
    return this.report(since);
  }

  /** Waits until one cluster streams from the other. */
  followed(leads: string, follows: string): Promise<unknown> {
    const slot = `select active from pg_replication_slots where slot_name = '${follows}'`;
    return waitFor(`${follows} to follow`, async () => (await this.ask(await this.leader(leads), slot))[0] === "t", {
      timeout: 180_000,
      interval: 500,
    });
  }

  /** Another than this leads. */
  anotherLeader(before: string): Promise<unknown> {
    return waitFor("another leader", async () => (await this.leader()) !== before, { timeout: 120_000 });
  }

  async deleteLeader(leader: string): Promise<void> {
    await this.space.kubectl("delete", "pod", leader, "--grace-period=0", "--force");
    await this.anotherLeader(leader);
  }

  /** Until another leads; then it wakes as a leader of old. */
  async freezeLeader(leader: string): Promise<void> {
    await freeze(this.space, leader);
    await this.anotherLeader(leader).finally(() => thaw(this.space, leader));
  }

  /** Hands the lead to whichever member is best, as one does before work on a node. */
  async switchOver(leader: string): Promise<void> {
    await this.#attend(leader, `attendant.patroni("/switchover", ${JSON.stringify({ leader })}, 60)`);
    await this.anotherLeader(leader);
  }

  /** What befalls a leader that nobody has to be in step with: it dies with rows that nobody else has. */
  sufferAsynchronously(): Promise<Suffered> {
    return this.suffer(async (leader) => {
      await waitFor("no synchronous member", async () => {
        const [names] = await this.ask(leader, "select current_setting('synchronous_standby_names')");
        return names === "";
      });
      const address = await this.space.kubectl("get", "pod", leader, "--output", "jsonpath={.status.podIP}");
      const others = memberNames.filter((each) => each !== leader);
      const mends = await Promise.all(others.map((each) => restrict(this.space, each, noPacketsFrom(address))));
      const since = Date.now();
      await waitFor("rows that nobody else has", async () => (await this.report(since)).acknowledged > 20);
      // Killed, it would start again and keep its lock.
      await freeze(this.space, leader);
      await this.anotherLeader(leader).finally(() => thaw(this.space, leader));
      for (const mend of mends) await mend();
    });
  }

  /** Rows that were there at a time for sure, and all that may have been, as those on their way were or weren't. */
  async rowsAsOf(time: number): Promise<{ sure: string[]; possible: string[] }> {
    const seconds = String(time / 1000);
    return JSON.parse(
      await this.space.kubectl("exec", "writer", "--", "python3", "/writer/writer.py", "rows", seconds),
    );
  }
}
