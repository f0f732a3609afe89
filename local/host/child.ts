import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const running = new Set<ChildProcess>();
const preload = join(import.meta.dirname, "preload.ts");

export interface Script {
  /** A script of the Pulumi SDK, such as "run". */
  name: "run" | "run-policy-pack";
  /** The folder that decides which copy of the SDK is used. */
  folder: string;
  nodeArgs?: readonly string[];
  args: readonly string[];
  cwd: string;
  env: Record<string, string>;
}

/** Starts a script of the program's own Pulumi SDK. It ends with this host, also when the host is killed. */
export function startScript(script: Script, stdio: "inherit" | "pipe"): ChildProcess {
  const entry = sdkScript(script.folder, script.name);
  const child = spawn(process.execPath, ["--import", preload, ...(script.nodeArgs ?? []), entry, ...script.args], {
    cwd: script.cwd,
    env: { ...process.env, ...script.env, RAMPART_PARENT_PID: String(process.pid) },
    stdio: ["ignore", stdio, stdio],
  });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

export function killChildren(): void {
  for (const child of running) child.kill("SIGKILL");
}

function sdkScript(folder: string, name: string): string {
  try {
    return createRequire(join(folder, "package.json")).resolve(`@pulumi/pulumi/cmd/${name}`);
  } catch {
    throw new Error(`${folder}: the package @pulumi/pulumi is not installed for this program; run npm install`);
  }
}
