import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { embeddedEngine, pulumi } from "../local/engine.ts";
import { exec } from "../local/exec.ts";
import { root, stateDir } from "../local/paths.ts";
import { measure, show } from "./support/measure.ts";

export const summary = "a preview of staging that finds nothing to change, against the preview of an empty program";

const runs = 5;

/** What the engine and Node cost anyway is in both; the difference is ours. */
export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  await exec(process.execPath, [join(root, "local/start.ts")]);
  const engine = await embeddedEngine();
  const cwd = join(stateDir, "bench-empty");
  const inEmpty = (...args: string[]): Promise<string> => exec(engine.command, args, { cwd, env: engine.env });
  await mkdir(cwd, { recursive: true });
  try {
    const project = { name: "empty", runtime: { name: "nodejs", options: { typescript: false } }, main: "index.js" };
    await writeFile(join(cwd, "Pulumi.yaml"), JSON.stringify(project));
    await writeFile(join(cwd, "index.js"), "");
    await writeFile(join(cwd, "package.json"), JSON.stringify({ name: "empty", type: "module" }));
    await inEmpty("stack", "init", "empty");
    await inEmpty("up", "--yes", "--skip-preview");
    const empty = await measure(runs, () => inEmpty("preview", "--stack", "empty"));
    const ours = await measure(runs, () => pulumi(engine, ["preview", "--stack", "staging", "--expect-no-changes"]));
    const ratio = Math.round((ours.median / empty.median) * 100) / 100;
    if (!json) {
      console.log(
        `${show("staging, no change", ours)}\n${show("an empty program", empty)}\nratio of medians: ${ratio}`,
      );
    }
    return { staging: ours, empty, ratio };
  } finally {
    await inEmpty("stack", "rm", "--yes", "--force", "empty").catch(() => undefined);
    await rm(cwd, { recursive: true, force: true });
  }
}
