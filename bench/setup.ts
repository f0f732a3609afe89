import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { exec } from "../local/exec.ts";
import { cacheDir, root } from "../local/paths.ts";
import { UserError } from "../local/user-error.ts";

export const summary = "what a set-up spends its time on; --cold builds everything anew in a folder of its own";

interface BuildTime {
  readonly tool: string;
  readonly seconds: number;
}

/** Without --cold these are the times of the builds that made the tools in use, whenever that was. */
export async function run({ json, cold }: { json: boolean; cold: boolean }): Promise<Record<string, unknown>> {
  const times = cold ? await buildAnew() : await readTimes(cacheDir);
  if (times.length === 0) throw new UserError("nothing was built on this machine yet", { mend: "npm run setup" });
  const total = times.reduce((sum, { seconds }) => sum + seconds, 0);
  if (!json) {
    for (const { tool, seconds } of times) console.log(`${tool.padEnd(26)}${seconds.toFixed(1).padStart(8)} s`);
    console.log(`${"all".padEnd(26)}${total.toFixed(1).padStart(8)} s`);
  }
  return {
    cold,
    seconds: Math.round(total * 10) / 10,
    tools: Object.fromEntries(times.map((t) => [t.tool, t.seconds])),
  };
}

async function readTimes(cache: string): Promise<BuildTime[]> {
  const dir = join(cache, "build-times");
  const files = await readdir(dir).catch(() => []);
  const times: BuildTime[] = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(dir, file), "utf8"))),
  );
  return times.sort((a, b) => b.seconds - a.seconds);
}

async function buildAnew(): Promise<BuildTime[]> {
  const cache = await mkdtemp(`${cacheDir}-cold-`);
  try {
    const env = { ...process.env, RAMPART_CACHE: cache };
    await exec(process.execPath, [join(root, "local/setup/setup.ts")], { env, output: "inherit" });
    return await readTimes(cache);
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
}
