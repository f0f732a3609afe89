import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StandIn } from "../../analyzer/stand-in/writer.ts";
import { type Api, connect } from "../../live/api.ts";
import { type ExecError, exec } from "../../local/exec.ts";
import { ensureImages } from "../../local/images/images.ts";
import { root, stateDir } from "../../local/paths.ts";

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
    const project = new Project(await mkdtemp(join(stateDir, "environments-")));
    await mkdir(join(project.folder, "evidence"), { recursive: true });
    for (const name of linked) await symlink(join(root, name), join(project.folder, name));
    return project;
  }

  async close(): Promise<void> {
    await this.#script("stop.ts", "--delete-data");
    await rm(this.state, { recursive: true, force: true });
  }

  /** A cluster with the platform and the systems, settled. */
  async start(environment: string): Promise<string> {
    const said = await this.#script("start.ts", environment);
    for (const file of await readdir(root)) {
      if (/^Pulumi\..*\.yaml$/.test(file)) await copyFile(join(root, file), join(this.folder, file));
    }
    return said;
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

  /** The command line, on the copy. */
  async rampart(...args: string[]): Promise<string> {
    const env = { ...this.#env, KUBECONFIG: this.kubeconfig };
    return exec(process.execPath, [join(root, "cli/rampart.ts"), ...args], { cwd: this.folder, env }).catch(explained);
  }

  get kubeconfig(): string {
    return join(this.state, "kubeconfig");
  }

  api(context: string): Api {
    return this.#withKubeconfig(() => connect(context));
  }

  /** Writes verdicts for a cluster under the analyzer's account. */
  async standIn(environment: string): Promise<StandIn> {
    const path = "/api/v1/namespaces/rampart-system/serviceaccounts/analyzer/token";
    const request = { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec: { expirationSeconds: 3600 } };
    const answer = (await this.api(`${environment}-admin`).create(path, request)) as { status: { token: string } };
    return new StandIn(this.#withKubeconfig(() => connect(`${environment}-admin`, answer.status.token)));
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

const explained = (error: ExecError): never => {
  throw new Error(`${error.message}\n${error.stdout.slice(-3000)}`);
};

export const imageOf = async (name: string): Promise<string> => (await ensureImages([name]))[0]!.reference;

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
