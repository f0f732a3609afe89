import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importImages } from "../../../local/cluster/addons/addons.ts";
import { Pki } from "../../../local/cluster/pki.ts";
import { root } from "../../../local/paths.ts";
import { waitFor } from "../../../local/wait.ts";
import { defaultReadiness, defaultTimings } from "../../../rollout/postgres/settings.ts";
import { type Outcome, preview, up, type Workspace, workspace } from "../../engine/support.ts";
import { Space } from "../../support/pods.ts";

export const scope = "demo";
const members = 3;
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
  /** Seconds without an acknowledged row, from anybody and of those who go through the Service. */
  readonly gap: number;
  readonly serviceGap: number;
}

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
  async up(change: object = {}): Promise<Outcome> {
    await this.#declare(change);
    return this.#project.run(up);
  }

  /** What a preview says of arguments that must not pass it. */
  async refusal(change: object): Promise<string> {
    await this.#declare(change);
    return (await this.#project.failure(preview)).text;
  }

  async #declare(change: object): Promise<void> {
    const args = {
      ...{ scope, namespace: this.space.namespace, members, image: this.#image, tlsSecret, durability: "quorum" },
      ...{ dataMiB: 200, volumeMiB: 1024, memoryMiB: 384, cpuMillis: 100, postgresVersion: 17 },
      ...{ clients: ["10.244.0.0/16"], hostAliases: [], timings: defaultTimings, readiness: defaultReadiness },
      ...change,
    };
    const component = JSON.stringify(join(root, "components/postgres/patroni-cluster.ts"));
    const program = `import { PatroniCluster } from ${component};\nnew PatroniCluster("demo", ${JSON.stringify(args)});\n`;
    await this.#project.write({ "index.ts": program });
  }

  /** Who holds the lock: labels may lag behind it. */
  leader(): Promise<string> {
    const path = "jsonpath={.metadata.annotations.leader}";
    return this.space.kubectl("get", "configmap", `${scope}-leader`, "--output", path);
  }

  /** Asks a member as its superuser; one value for each column. */
  async ask(member: string, query: string): Promise<string[]> {
    const psql = ["psql", "--host=/run/postgresql", "--username=postgres", "--no-align", "--tuples-only"];
    const answer = await this.space.kubectl("exec", member, "--", ...psql, "--command", query);
    return answer.trim().split("|");
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
    return JSON.parse(await this.space.kubectl("exec", "writer", "--", "python3", "/writer/writer.py", seconds));
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
      `*.${scope}.${namespace}.svc`,
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
