// `npm run lint`: types, style, the direction of imports, and what the documents promise.
import { availableParallelism } from "node:os";
import { ExecError, exec } from "../../local/exec.ts";
import { root } from "../../local/paths.ts";
import { wrongImports } from "./direction.ts";
import { wrongInDocs } from "./docs.ts";

async function tool(command: string, args: string[]): Promise<string[]> {
  try {
    await exec(command, args, { cwd: root });
    return [];
  } catch (error) {
    if (!(error instanceof ExecError)) throw error;
    return [`${command} ${args.join(" ")}\n${error.stdout}${error.stderr}`];
  }
}

const checks: Readonly<Record<string, () => Promise<string[]> | string[]>> = {
  types: () => tool("tsc", ["--noEmit", "--project", "."]),
  style: () => tool("biome", ["ci", "--error-on-warnings", `--threads=${availableParallelism()}`, "."]),
  "import directions": wrongImports,
  documents: wrongInDocs,
};

for (const [name, check] of Object.entries(checks)) {
  const problems = await check();
  console.log(`${name}: ${problems.length === 0 ? "clean" : `\n${problems.join("\n")}`}`);
  if (problems.length > 0) process.exitCode = 1;
}
