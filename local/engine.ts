import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { mergedKubeconfig } from "./cluster/layout.ts";
import { exec } from "./exec.ts";
import { root, stateDir } from "./paths.ts";
import { isAlive } from "./process-id.ts";
import { toolPath } from "./tools/tools.ts";
import { UserError } from "./user-error.ts";

/**
 * Encrypts secrets in the state of the embedded stacks. It is no secret itself: a stack's salt is committed with its
 * file, so the passphrase has to be the same on every machine. Real stacks bring a secrets provider of their own.
 */
const passphrase = "embedded";

/** Where `pulumi` is and with which environment it has to run. */
export interface Engine {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  /** An official Pulumi with its plugins, as opposed to the CLI built here with the providers of `local/`. */
  readonly isOfficial: boolean;
}

/** An official Pulumi that has the plugins of this program, on the user's own PATH. */
async function findOfficial(): Promise<string | undefined> {
  for (const dir of (process.env.PATH ?? "").split(delimiter)) {
    const command = join(dir, "pulumi");
    if (!existsSync(command)) continue;
    const listed = await exec(command, ["plugin", "ls", "--json"]).catch(() => "[]");
    const plugins: { name: string; kind: string }[] = JSON.parse(listed);
    if (plugins.some(({ name, kind }) => kind === "resource" && name === "kubernetes")) return command;
  }
  return undefined;
}

/**
 * State in a folder. Every file comes whole or not at all, but for those that hold its attributes: an engine killed
 * while it writes one leaves it empty, and no command reads the state again. Nobody needs them.
 */
export const fileBackend = (folder: string): string => `file://${folder}?metadata=skip`;

/** The engine for the embedded clusters: state in this checkout, the clusters' kubeconfig. */
export async function embeddedEngine(): Promise<Engine> {
  const official = await findOfficial();
  const command = official ?? (await toolPath("pulumi"));
  const backend = join(stateDir, "pulumi/state");
  await mkdir(backend, { recursive: true, mode: 0o700 });
  const plugins = ["host", "providers"].map((part) => join(root, "local", part, "bin"));
  const path = official ? [] : [dirname(command), ...plugins];
  const env = {
    ...process.env,
    PATH: [...path, process.env.PATH].join(delimiter),
    PULUMI_BACKEND_URL: fileBackend(backend),
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    KUBECONFIG: mergedKubeconfig,
    ...(official
      ? {}
      : { PULUMI_HOME: join(stateDir, "pulumi/home"), PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true" }),
  };
  return { command, env, isOfficial: official !== undefined };
}

/** The user's own Pulumi, for clusters and state of the user's own. */
export async function officialEngine(): Promise<Engine> {
  const command = "pulumi";
  await exec(command, ["version"]).catch((cause) => {
    throw new UserError("a cluster of your own needs the official Pulumi on the PATH", {
      mend: "install Pulumi and log in to a backend (pulumi login), then run it again",
      cause,
    });
  });
  return { command, env: process.env, isOfficial: true };
}

export async function pulumi(
  engine: Engine,
  args: string[],
  output: "collect" | "inherit" = "collect",
): Promise<string> {
  return exec(engine.command, args, { cwd: root, env: engine.env, output });
}

/** Makes the stack where the backend doesn't know it yet; its config file is in the repository already. */
export async function ensureStack(engine: Engine, stack: string): Promise<void> {
  const known: { name: string }[] = JSON.parse(await pulumi(engine, ["stack", "ls", "--json"]));
  if (known.some(({ name }) => name === stack)) return;
  await pulumi(engine, ["stack", "init", stack, "--no-select"]);
}

/** An update that was killed leaves its lock; where the process is gone for sure, nobody else holds it. */
export async function clearDeadLocks(engine: Engine, stack: string): Promise<void> {
  const dir = join(stateDir, "pulumi/state/.pulumi/locks/organization/rampart", stack);
  const locks = (await readdir(dir).catch(() => [])).filter((file) => file.endsWith(".json"));
  for (const file of locks) {
    const lock: { pid: number; hostname: string } = JSON.parse(await readFile(join(dir, file), "utf8"));
    if (lock.hostname !== hostname() || isAlive(lock.pid)) continue;
    console.error(`${stack}: an earlier update (process ${lock.pid}) was killed; releasing its lock`);
    await pulumi(engine, ["cancel", "--yes", "--stack", stack]);
  }
}
