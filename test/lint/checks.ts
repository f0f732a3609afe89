import { availableParallelism } from "node:os";
import { ExecError, exec } from "../../local/exec.ts";
import { root } from "../../local/paths.ts";
import { wrongImports } from "./direction.ts";
import { wrongInDocs } from "./docs.ts";

async function tool(command: string, args: string[]): Promise<string[]> {
  try {
    await exec(command, args, { cwd: root, env: { ...process.env, NO_COLOR: "1" } });
    return [];
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    return [`${command} ${args.join(" ")}\n${error.stdout}${error.stderr}`];
  }
}

/** Each gives what is wrong, in words. */
export const checks: Readonly<Record<string, () => Promise<string[]> | string[]>> = {
  types: () => tool("tsc", ["--noEmit", "--project", "."]),
  style: () => tool("biome", ["ci", "--error-on-warnings", "--colors=off", `--threads=${availableParallelism()}`, "."]),
  "import directions": wrongImports,
  documents: wrongInDocs,
};
