// One API server and throw-away Pulumi projects for the tests of the embedded engine.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileBackend } from "../../local/engine.ts";
import { root, stateDir } from "../../local/paths.ts";
import { Cluster } from "../../local/providers/kubernetes/cluster.ts";
import { KubeClient } from "../../local/providers/kubernetes/kube-client.ts";
import { connect } from "../../local/providers/kubernetes/kube-config.ts";
import { parseConfig } from "../../local/providers/kubernetes/provider-config.ts";
import { toolPath } from "../../local/tools/tools.ts";

export interface ApiCluster {
  kubeconfig: string;
  /** The cluster as its admin sees it, not through Pulumi. */
  objects: Cluster;
  client: KubeClient;
}

let started: Promise<ApiCluster> | undefined;

/** The API server that all tests share: that of RAMPART_TEST_KUBECONFIG, or one that ends with the test run. */
export function apiCluster(): Promise<ApiCluster> {
  started ??= connectCluster();
  return started;
}

async function connectCluster(): Promise<ApiCluster> {
  return clusterOf(process.env.RAMPART_TEST_KUBECONFIG ?? (await ownKubeconfig()));
}

export function clusterOf(kubeconfig: string): ApiCluster {
  const config = { ...parseConfig({}, {}), kubeconfig };
  const client = new KubeClient(connect(config), () => true);
  return { kubeconfig, client, objects: new Cluster(client) };
}

async function ownKubeconfig(): Promise<string> {
  const { sharedCluster } = await import("../support/clusters.ts");
  return (await sharedCluster("api")).where.kubeconfig("admin");
}

/** What a Pulumi command did, from its event log. */
export interface Outcome {
  code: number | null;
  /** Its event log, one JSON object a line. */
  log: string;
  /** All that it printed. */
  text: string;
  /** How many resources had which operation, such as `{ create: 2, same: 1 }`. */
  changes: Record<string, number>;
  /** The operations by the resource's name in the program. */
  operations: Record<string, string[]>;
  diagnostics: string[];
}

export interface Running {
  /** The engine. */
  child: ChildProcess;
  done: Promise<Outcome>;
  /** Resolves as soon as the command has printed the text. */
  printed(text: string): Promise<void>;
}

type Env = Record<string, string>;

/** A Pulumi project with its own home, state and stack, inside the checkout so that its packages are found. */
export class Workspace {
  readonly folder: string;
  readonly #env: Env;
  readonly #pulumi: string;
  #commands = 0;

  constructor(folder: string, env: Env, pulumi: string) {
    this.folder = folder;
    this.#env = env;
    this.#pulumi = pulumi;
  }

  /** Starts a command; it need not end. */
  start(args: readonly string[], env: Env = {}): Running {
    const log = join(this.folder, `events-${this.#commands++}.jsonl`);
    const child = spawn(this.#pulumi, [...args, "--non-interactive", ...(logs(args) ? ["--event-log", log] : [])], {
      cwd: this.folder,
      env: { ...process.env, ...this.#env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    const hear = (chunk: Buffer) => {
      text += chunk;
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    const done = once(child, "close").then(async ([code]) => outcome(code, text, log, await events(log)));
    const printed = async (wanted: string) => {
      while (!text.includes(wanted)) {
        const gone = await Promise.race([once(child.stdout, "data").then(() => false), done.then(() => true)]);
        if (gone && !text.includes(wanted)) throw new Error(`"${wanted}" was never printed:\n${text}`);
      }
    };
    return { child, done, printed };
  }

  /** Runs a command that has to succeed. */
  async run(args: readonly string[], env?: Env): Promise<Outcome> {
    const result = await this.start(args, env).done;
    if (result.code !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${result.text}`);
    return result;
  }

  /** Runs a command that has to fail. */
  async failure(args: readonly string[], env?: Env): Promise<Outcome> {
    const result = await this.start(args, env).done;
    if (result.code === 0) throw new Error(`pulumi ${args.join(" ")} should have failed:\n${result.text}`);
    return result;
  }

  async state(): Promise<{ text: string; resources: StateResource[] }> {
    const { text } = await this.run(["stack", "export"]);
    const json = text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1);
    return { text: json, resources: JSON.parse(json).deployment.resources ?? [] };
  }

  async write(files: Record<string, string>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(this.folder, name)), { recursive: true });
      await writeFile(join(this.folder, name), content);
    }
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export interface StateResource {
  urn: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  initErrors?: string[];
}

export const up = ["up", "--yes", "--skip-preview"];
export const preview = ["preview"];
export const refresh = ["refresh", "--yes", "--skip-preview"];
export const destroy = ["destroy", "--yes", "--skip-preview"];

/** A new project; its program is `index.ts`. */
export async function workspace(program: string, options: { kubeconfig?: string } = {}): Promise<Workspace> {
  await mkdir(join(stateDir, "engine-tests"), { recursive: true });
  const folder = await mkdtemp(join(stateDir, "engine-tests", "project-"));
  const pulumi = await toolPath("pulumi");
  const path = [join(root, "node_modules/.bin"), join(root, "local/host/bin"), join(root, "local/providers/bin")];
  const env = {
    PATH: [...path, process.env.PATH].join(delimiter),
    PULUMI_HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: fileBackend(join(folder, "state")),
    PULUMI_CONFIG_PASSPHRASE: "only for this test",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    PULUMI_DEBUG_COMMANDS: "true", // offers --event-log
    KUBECONFIG: options.kubeconfig ?? join(folder, "none"),
  };
  const made = new Workspace(folder, env, pulumi);
  await made.write({
    "package.json": JSON.stringify({ name: "tested", type: "module" }),
    "Pulumi.yaml": "name: tested\nruntime: { name: nodejs, options: { typescript: false } }\nmain: index.ts\n",
    "index.ts": program,
  });
  await mkdir(join(folder, "state"));
  await made.run(["stack", "init", "test"]);
  return made;
}

const logs = (args: readonly string[]) => ["up", "preview", "refresh", "destroy"].includes(args[0] ?? "");

// biome-ignore lint/suspicious/noExplicitAny: the engine's events have no published type
type Event = any;

async function events(log: string): Promise<Event[]> {
  const text = await readFile(log, "utf8").catch(() => "");
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

function outcome(code: number | null, text: string, log: string, events: Event[]): Outcome {
  const operations: Record<string, string[]> = {};
  for (const { resourcePreEvent } of events) {
    if (!resourcePreEvent) continue;
    const { urn, op } = resourcePreEvent.metadata;
    const name: string = urn.split("::").at(-1);
    operations[name] = [...(operations[name] ?? []), op];
  }
  return {
    code,
    text,
    log,
    operations,
    changes: events.find((event) => event.summaryEvent)?.summaryEvent.resourceChanges ?? {},
    diagnostics: events.flatMap((event) => (event.diagnosticEvent ? [event.diagnosticEvent.message] : [])),
  };
}
