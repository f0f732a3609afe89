import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface EngineRun {
  readonly succeeded: boolean;
  /** Somebody else's update holds the stack's lock. */
  readonly isLocked: boolean;
}

/** The checkout's own engine where embedded clusters are, `pulumi` from the PATH elsewhere. */
export function engineCommand(directory: string, args: readonly string[]): string[] {
  const isEmbedded = existsSync(join(directory, ".rampart"));
  return isEmbedded ? ["npm", "run", "--silent", "pulumi", "--", ...args] : ["pulumi", ...args];
}

/** Runs Pulumi in the project; what it prints goes to stderr, so that stdout stays the command's own. */
export function runEngine(directory: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<EngineRun> {
  const [command, ...rest] = engineCommand(directory, args);
  const child = spawn(command!, rest, {
    ...{ cwd: directory, env: { ...process.env, ...env } },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  const pass = (chunk: Buffer): void => {
    text += chunk;
    process.stderr.write(chunk);
  };
  child.stdout.on("data", pass);
  child.stderr.on("data", pass);
  return new Promise((resolve) => {
    const end = (succeeded: boolean) => resolve({ succeeded, isLocked: /currently locked/.test(text) });
    child.on("error", (error) => {
      process.stderr.write(`${command} can't be started: ${error.message}\n`);
      end(false);
    });
    child.on("close", (code) => end(code === 0));
  });
}

/** Everything of some systems and nothing of others, by the names that their resources have. */
export const targetsOf = (systems: readonly string[]): string[] =>
  systems.flatMap((system) => ["--target", `**::${system}`, "--target", `**::${system}-*`]);
