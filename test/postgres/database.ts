import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importImages } from "../../local/cluster/addons/addons.ts";
import { Pki } from "../../local/cluster/pki.ts";
import { root } from "../../local/paths.ts";
import { waitFor } from "../../local/wait.ts";
import { defaultReadiness, defaultTimings } from "../../rollout/postgres/settings.ts";
import { type Outcome, preview, up, type Workspace, workspace } from "../engine/support.ts";
import { Space } from "../support/pods.ts";

export const scope = "demo";
const members = 3;
export const memberNames = Array.from({ length: members }, (_, index) => `${scope}-${index}`);
const tlsSecret = "demo-tls";

/** What the writer found. */
export interface Report {
  readonly acknowledged: number;
  /** Of all that were ever acknowledged. */
  readonly lost: number;
  /** Rows that a leader took who had been replaced. */
  readonly overtaken: number;
  /** Timelines that more than one server wrote on. */
  readonly shared: number;
  /** The longest time without an acknowledged row, in seconds, for either way that applications take. */
  readonly gaps: Readonly<Record<"service" | "pooler", number>>;
}

/** With who led before and after. */
type Suffered = Report & { readonly before: string; readonly after: string };

/** No acknowledged row is gone, and never did two members take rows at once. */
export function assertSafe({ lost, overtaken, shared, acknowledged }: Report): void {
  assert.deepEqual({ lost, overtaken, shared }, { lost: 0, overtaken: 0, shared: 0 });
  assert.ok(acknowledged > 50, `only ${acknowledged} rows`);
}

export function assertResumed({ gaps }: Report, seconds: number): void {
  assert.ok(Math.max(...Object.values(gaps)) < seconds, JSON.stringify(gaps));
}

/** Of the cluster's arguments, or another cluster beside it that begins with what it was. */
type Change = {
  readonly restored?: { readonly scope: string; readonly asOf: string };
  readonly [argument: string]: unknown;
};

/** Never while a test runs. */
const schedule = { full: "0 0 1 1 *", differential: "0 0 1 2 *", verification: "0 0 1 3 *" };

/** A cluster of PostgreSQL that a Pulumi program declares, in a namespace where pods may do nothing. */
export class Database {
  readonly space: Space;
  readonly #project: Workspace;
  readonly #image: string;

  private constructor(space: Space, project: Workspace, image: string) {
    this.space = space;
    this.#project = project;
    this.#image = image;
  }

  static async open(): Promise<Database> {
    const space = await Space.open();
    const image = (await importImages(space.cluster, ["postgres"])).get("postgres")!;
    await space.kubectl("delete", "pod", "client", "--wait=false"); // it is not restricted
    await space.kubectl("label", "namespace", space.namespace, "pod-security.kubernetes.io/enforce=restricted");
    await space.apply(await certificate(space.namespace));
    const project = await workspace("", { kubeconfig: space.cluster.where.kubeconfig("admin") });
    return new Database(space, project, image);
  }

  async close(): Promise<void> {
    await this.#project.remove();
  }

  /** Brings the program with these arguments to the cluster. */
  async up(change: Change = {}): Promise<Outcome> {
    await this.#declare(change);
    return this.#project.run(up);
  }

  /** What a preview says of arguments that must not pass it. */
  async refusal(change: Change): Promise<string> {
    await this.#declare(change);
    return (await this.#project.failure(preview)).text;
  }

  async #declare({ restored, ...change }: Change): Promise<void> {
    const args = {
      ...{ scope, namespace: this.space.namespace, members, image: this.#image, tlsSecret, durability: "quorum" },
      ...{ dataMiB: 200, volumeMiB: 1024, memoryMiB: 384, cpuMillis: 100, postgresVersion: 17 },
      ...{ backups: { volumeMiB: 1024, keptFull: 2, schedule } },
      ...{ clients: ["10.244.0.0/16"], hostAliases: [], timings: defaultTimings, readiness: defaultReadiness },
      ...change,
    };
    const component = JSON.stringify(join(root, "components/postgres/patroni-cluster.ts"));
    const clusters = [
      args,
      ...(restored ? [{ ...args, backups: undefined, scope: "restored", restore: restored }] : []),
    ];
    const lines = clusters.map((each) => `new PatroniCluster("${each.scope}", ${JSON.stringify(each)});`);
    const program = `import { PatroniCluster } from ${component};\n${lines.join("\n")}\n`;
    await this.#project.write({ "index.ts": program });
  }

  /** Who holds the lock: labels may lag behind it. */
  leader(): Promise<string> {
    const path = "jsonpath={.metadata.annotations.leader}";
    return this.space.kubectl("get", "configmap", `${scope}-leader`, "--output", path);
  }

  /** Asks a member as its superuser; one value for each column. */
  async ask(member: string, query: string, database = "postgres"): Promise<string[]> {
    const psql = ["psql", "--host=/run/postgresql", "--username=postgres", "--no-align", "--tuples-only", database];
    const answer = await this.space.kubectl("exec", member, "--container=patroni", "--", ...psql, "--command", query);
    return answer.trim().split("|");
  }

  async rowsOf(member: string): Promise<Set<string>> {
    const [rows] = await this.ask(member, "select json_agg(name || ' ' || number) from written", "app");
    return new Set(JSON.parse(rows!));
  }

  /** The leader, once all members are ready and all others stream from it. */
  healthy(timeout = 60_000): Promise<string> {
    return waitFor(
      "a leader from which all other members stream",
      async () => {
        const ready = "jsonpath={.status.readyReplicas}";
        const replicas = await this.space.kubectl("get", "statefulset", scope, "--output", ready);
        const leader = await this.leader();
        const [isBehind, streaming, named] = await this.ask(
          leader,
          `select pg_is_in_recovery(), count(*) filter (where state = 'streaming'),
             current_setting('synchronous_standby_names') from pg_stat_replication`,
        );
        if (Number(replicas) !== members || isBehind !== "f" || Number(streaming) !== members - 1) return false;
        return named !== undefined && leader;
      },
      { timeout, interval: 250 },
    );
  }

  async startWriter(): Promise<void> {
    await this.space.apply(...(await writer(this.#image)));
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
    const after = await this.healthy(180_000);
    return { ...(await this.report(since)), before, after };
  }

  /** Rows that were there at a time for sure, and all that may have been, as those on their way were or weren't. */
  async rowsAsOf(time: number): Promise<{ sure: string[]; possible: string[] }> {
    const seconds = String(time / 1000);
    return JSON.parse(
      await this.space.kubectl("exec", "writer", "--", "python3", "/writer/writer.py", "rows", seconds),
    );
  }
}

type Applied = { metadata: object };

/** A pod that may do nothing but write to its own folder and to the database. */
async function writer(image: string): Promise<Applied[]> {
  const script = await readFile(join(import.meta.dirname, "writer.py"), "utf8");
  const container = {
    name: "writer",
    image,
    command: ["python3", "/writer/writer.py"],
    env: [
      { name: "SCOPE", value: scope },
      { name: "MEMBERS", value: String(members) },
      { name: "NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
      { name: "PASSWORD", valueFrom: { secretKeyRef: { name: `${scope}-passwords`, key: "app" } } },
    ],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: "script", mountPath: "/writer" },
      { name: "tls", mountPath: "/tls" },
    ],
  };
  const spec = {
    securityContext: { runAsNonRoot: true, fsGroup: 999, seccompProfile: { type: "RuntimeDefault" } },
    terminationGracePeriodSeconds: 0,
    restartPolicy: "Never",
    containers: [container],
    volumes: [
      { name: "script", configMap: { name: "writer" } },
      { name: "tls", secret: { secretName: tlsSecret, items: [{ key: "ca.crt", path: "ca.crt" }] } },
    ],
  };
  const metadata = { name: "writer" };
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "writer.py": script } };
  return [config, { apiVersion: "v1", kind: "Pod", metadata, spec } as Applied];
}

/** Of an authority of its own, for the names that clients use. */
async function certificate(namespace: string): Promise<Applied> {
  const folder = await mkdtemp(join(tmpdir(), "rampart-postgres-"));
  try {
    const pki = await Pki.open(folder);
    const names = [
      `*.restored.${namespace}.svc`,
      ...["primary", "pooler"].map((each) => `restored-${each}.${namespace}.svc`),
      `${scope}-backup.${namespace}.svc`,
      `*.${scope}.${namespace}.svc`,
      `${scope}-pooler.${namespace}.svc`,
      `${scope}-primary.${namespace}.svc`,
      `${scope}-replica.${namespace}.svc`,
    ];
    const { cert, key } = await pki.issue(
      "postgres",
      "/CN=postgres",
      names.map((name) => `DNS:${name}`),
    );
    const read = (file: string): Promise<string> => readFile(file, "utf8");
    const stringData = { "tls.crt": await read(cert), "tls.key": await read(key), "ca.crt": await read(pki.ca.cert) };
    return { apiVersion: "v1", kind: "Secret", metadata: { name: tlsSecret }, stringData } as Applied;
  } finally {
    await rm(folder, { recursive: true });
  }
}
