import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../../../local/paths.ts";

export interface Run {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the CLI as its users do, as a process. */
export function rampart(args: readonly string[], cwd = root, env: NodeJS.ProcessEnv = {}): Run {
  const command = [join(root, "cli/rampart.ts"), ...args];
  const child = spawnSync(process.execPath, command, { cwd, encoding: "utf8", env: { ...process.env, ...env } });
  return { code: child.status, stdout: child.stdout, stderr: child.stderr };
}

/** Does something in a project directory with these files, and removes it. */
export function inProject<T>(files: Readonly<Record<string, string>>, action: (directory: string) => T): T {
  const directory = mkdtempSync(join(tmpdir(), "rampart-cli-"));
  try {
    for (const [name, text] of Object.entries({ "Pulumi.yaml": "name: x\nruntime: nodejs\n", ...files })) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    return action(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
