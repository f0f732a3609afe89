import { spawn } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Document, parseDocument, stringify } from "yaml";
import { StandIn } from "../../analyzer/stand-in/writer.ts";
import { type Api, connect } from "../../live/api.ts";
import { readLive } from "../../live/read.ts";
import { type ExecError, exec } from "../../local/exec.ts";
import { ensureImages } from "../../local/images/images.ts";
import { root, stateDir } from "../../local/paths.ts";
import { toolPath } from "../../local/tools/tools.ts";
import type { SystemName } from "../../rollout/plan/systems.ts";

const linked = ["stacks", "components", "live", "rollout", "policies", "node_modules", "package.json", "Pulumi.yaml"];

/** What an update printed, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly text: string;
}

/**
 * Environments of this project in clusters of their own, as `npm start` brings them up, and a copy of the project whose
 * stack files and evidence a test may change.
 */
export class Project {
  readonly state: string;
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(state: string) {
    this.state = state;
    this.folder = join(state, "project");
    this.#env = { ...process.env, RAMPART_STATE: state };
  }

  static async open(): Promise<Project> {
    await mkdir(stateDir, { recursive: true });
    const project = new Project(await mkdtemp(join(stateDir, `environments-${process.pid}-`)));
    await mkdir(join(project.folder, "evidence"), { recursive: true });
    for (const name of linked) await symlink(join(root, name), join(project.folder, name));
    await project.#putEngineOnPath();
    opened.add(project);
    return project;
  }

  /** A stack file, to be changed in other ways than by one value. */
  async config(stack: string): Promise<{ document: Document; write(): Promise<void> }> {
    const file = this.stackFile(stack);
    const document = parseDocument(await readFile(file, "utf8"));
    return { document, write: () => writeFile(file, document.toString()) };
  }

  /** What the API server answers as plain text, for what is behind it. */
  async raw(environment: string, path: string): Promise<string> {
    const login = ["--kubeconfig", this.kubeconfig, "--context", `${environment}-admin`];
    return exec(await toolPath("kubectl"), [...login, "get", "--raw", path]);
  }

  /** The command line runs the `pulumi` that it finds; here the checkout's own, on the copy. */
  async #putEngineOnPath(): Promise<void> {
    const bin = join(this.state, "bin");
    await mkdir(bin);
    const command = [process.execPath, join(root, "local/pulumi.ts"), "-C", this.folder];
    // Without itself on the path: the checkout's script would take it for an official one.
    const script = `#!/bin/sh\nPATH='${process.env.PATH}' exec ${command.map((part) => `'${part}'`).join(" ")} "$@"\n`;
    await writeFile(join(bin, "pulumi"), script, { mode: 0o755 });
  }

  async close(): Promise<void> {
    await takeDown(this.state);
    opened.delete(this);
  }

  /** A cluster with the platform and the systems, settled. */
  async start(environment: string): Promise<string> {
    const said = await this.#script("start.ts", environment);
    for (const file of await readdir(root)) {
      if (/^Pulumi\..*\.yaml$/.test(file)) await copyFile(join(root, file), join(this.folder, file));
    }
    return said;
  }

  /** A cluster with images of this checkout and nothing deployed to it, and a stack of the project for it; their names. */
  async startBare(environment: string, images: readonly string[]): Promise<Map<string, string>> {
    await this.#script("cluster/cli.ts", "up", environment);
    const said = await this.#script("cluster/cli.ts", "images", environment, ...images);
    return new Map(
      said
        .trim()
        .split("\n")
        .map((line) => line.split(" ") as [string, string]),
    );
  }

  /** A stack of its own for the copy, with the config that it begins with. */
  async makeStack(stack: string, config: object): Promise<void> {
    await writeFile(this.stackFile(stack), stringify({ config }));
    const { done } = this.startPulumi(["-C", this.folder, "stack", "init", stack, "--no-select", "--non-interactive"]);
    const { code, text } = await done;
    if (code !== 0) throw new Error(text);
  }

  stackFile(stack: string): string {
    return join(this.folder, `Pulumi.${stack}.yaml`);
  }

  /** Runs the engine on the copy. */
  async pulumi(stack: string, ...args: string[]): Promise<Ran> {
    const all = ["-C", this.folder, ...args, "--stack", stack, "--non-interactive"];
    const { done } = this.startPulumi(all);
    return done;
  }

  startPulumi(args: readonly string[]) {
    const child = spawn(process.execPath, [join(root, "local/pulumi.ts"), ...args], {
      env: this.#env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (chunk) => {
        text += chunk;
      });
    }
    const done = new Promise<Ran>((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, text })));
    return { child, done, said: () => text };
  }

  /** `pulumi up`, which has to work. */
  async up(stack: string): Promise<string> {
    const { code, text } = await this.pulumi(stack, "up", "--yes", "--skip-preview");
    if (code !== 0) throw new Error(`pulumi up failed:\n${text}`);
    return text;
  }

  /** One line of the config, as a person would change it. */
  async set(stack: string, path: string, value: string | number): Promise<void> {
    const { code, text } = await this.pulumi(stack, "config", "set", "--path", path, String(value));
    if (code !== 0) throw new Error(text);
  }

  /** Another percent, and the update that takes it there. */
  async goTo(stack: string, system: string, percent: number): Promise<string> {
    await this.set(stack, `${system}.percent`, percent);
    return this.up(stack);
  }

  /** The command line, on the copy. */
  async rampart(...args: string[]): Promise<string> {
    const path = `${join(this.state, "bin")}:${process.env.PATH}`;
    const env = { ...this.#env, KUBECONFIG: this.kubeconfig, PATH: path };
    return exec(process.execPath, [join(root, "cli/rampart.ts"), ...args], { cwd: this.folder, env }).catch(explained);
  }

  get kubeconfig(): string {
    return join(this.state, "kubeconfig");
  }

  api(context: string): Api {
    return this.#withKubeconfig(() => connect(context));
  }

  /** A cluster under the analyzer's account. */
  async analyzer(environment: string): Promise<Api> {
    const path = "/api/v1/namespaces/rampart-system/serviceaccounts/analyzer/token";
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
    const answer = (await this.api(`${environment}-admin`).create(path, request)) as { status: { token: string } };
    return this.#withKubeconfig(() => connect(`${environment}-admin`, answer.status.token));
  }

  /** Writes verdicts for a cluster. */
  async standIn(environment: string): Promise<StandIn> {
    return new StandIn(await this.analyzer(environment));
  }

  #withKubeconfig<T>(action: () => T): T {
    const before = process.env.KUBECONFIG;
    process.env.KUBECONFIG = this.kubeconfig;
    try {
      return action();
    } finally {
      if (before === undefined) delete process.env.KUBECONFIG;
      else process.env.KUBECONFIG = before;
    }
  }

  async #script(script: string, ...args: string[]): Promise<string> {
    return exec(process.execPath, [join(root, "local", script), ...args], { env: this.#env }).catch(explained);
  }

  /** A key that signs, and its line in the project's allowed_signers. */
  async signer(principal: string, role: string): Promise<string> {
    const key = join(this.state, `key-${role}`);
    await exec("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", principal, "-f", key]);
    const [type, blob] = (await readFile(`${key}.pub`, "utf8")).split(" ");
    const file = join(this.folder, "evidence/allowed_signers");
    const line = `${principal} namespaces="rampart-evidence" ${type} ${blob} roles=${role}\n`;
    await writeFile(file, line, { flag: "a" });
    return key;
  }
}

const opened = new Set<Project>();

/** What is still open: what tests share, and all that an interrupted run has. */
export async function closeProjects(): Promise<void> {
  rehearsal = undefined;
  await Promise.all([...opened].map((project) => project.close()));
}

let rehearsal: Promise<Project> | undefined;

/** One cluster for all that take systems of a rehearsal further, one after the other; nobody finds them as they once were. */
export function sharedRehearsal(): Promise<Project> {
  rehearsal ??= (async () => {
    const project = await Project.open();
    await project.start("rehearsal");
    return project;
  })();
  return rehearsal;
}

/** Lands an artifact that a system neither runs nor was just tried with, whatever became of the one before. */
export async function landFresh(project: Project, stack: string, system: string): Promise<void> {
  const { spec } = (await readLive(project.api(`${stack}-systems`)))![system as SystemName]!.rollout!;
  const known = await Promise.all(["1.1.0", "1.2.0", "1.0.0"].map((version) => imageOf(`simulator:${version}`)));
  const fresh = known.find((image) => image !== spec.stable && image !== spec.artifact)!;
  const { document, write } = await project.config(stack);
  const entry = ["config", `rampart:${system}`];
  for (const [key, value] of Object.entries({ artifact: fresh, percent: 0 })) document.setIn([...entry, key], value);
  for (const key of ["retry", "reason"]) document.deleteIn([...entry, key]);
  await write();
  await project.up(stack);
}

async function takeDown(state: string): Promise<void> {
  const env = { ...process.env, RAMPART_STATE: state };
  await exec(process.execPath, [join(root, "local/stop.ts"), "--delete-data"], { env }).catch(explained);
  await rm(state, { recursive: true, force: true });
}

/** What runs left that were killed before they could take it down. */
export async function sweepDeadRuns(): Promise<void> {
  const isDead = (path: string, pid: number) => !existsSync(`/proc/${path.split("-").at(pid)}`);
  for (const state of globSync(join(stateDir, "environments-*-*"))) if (isDead(state, -2)) await takeDown(state);
  for (const run of globSync(join(root, ".rampart/test-*"))) {
    if (isDead(run, -1)) await rm(run, { recursive: true, force: true });
  }
}

const explained = (error: ExecError): never => {
  throw new Error(`${error.message}\n${error.stdout.slice(-3000)}`);
};

export const imageOf = async (name: string): Promise<string> => (await ensureImages([name]))[0]!.reference;

/** Where the gateway of an environment listens: the node's own address. */
export async function addressOf(project: Project, environment: string): Promise<string> {
  const config = JSON.parse(await readFile(project.kubeconfig, "utf8"));
  const found = config.clusters.find(({ name }: { name: string }) => name === `${environment}-admin`);
  return new URL(found.cluster.server).hostname;
}

/** Looks again and again, as the analyzer would, until it is told to stop. */
export function watching(standIn: StandIn): { stop(): Promise<void> } {
  let isOver = false;
  const loop = (async () => {
    while (!isOver) {
      await standIn.look().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  return {
    stop: async () => {
      isOver = true;
      await loop;
    },
  };
}
