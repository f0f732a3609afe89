import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheDir } from "../paths.ts";
import { findTool, pinnedVersion, type Tool, tools } from "../tools/tools.ts";
import { buildTool, checkDisk, checkGo, removeBuildCaches } from "./build.ts";
import { withLock } from "./lock.ts";
import { withProgress } from "./progress.ts";
import { installSystemPackages } from "./system-packages.ts";

/** Each with all before it. */
const sizes = ["api", "node", "peers"] as const;
export type Size = (typeof sizes)[number];

async function missingOf(asked: readonly Tool[]): Promise<Tool[]> {
  const found = await Promise.all(asked.map(findTool));
  return asked.filter((_, index) => !found[index]);
}

/** Makes sure that everything is there, and says how many tools had to be built for it. */
export async function ensureSetup(size: Size): Promise<number> {
  await installSystemPackages(size);
  const asked = sizes.slice(0, sizes.indexOf(size) + 1);
  return ensureTools(
    tools.filter(({ needed }) => asked.some((one) => one === needed)),
    size !== "api",
  );
}

/** Builds a tool that no size asks for. */
export async function ensureTool(name: string): Promise<void> {
  await ensureTools(tools.filter((tool) => tool.name === name));
}

async function ensureTools(asked: readonly Tool[], isLast = true): Promise<number> {
  if ((await missingOf(asked)).length === 0) return 0;

  const waiting = (pid: number): void => console.error(`another set-up (process ${pid}) is at work, waiting for it …`);
  return withLock(join(cacheDir, "setup.lock"), waiting, async () => {
    const missing = await missingOf(asked); // again: the one we waited for may have built them
    if (missing.length > 0) {
      await checkGo();
      await checkDisk(missing.length);
    }
    for (const [index, tool] of missing.entries()) {
      const started = performance.now();
      const label = `[${index + 1}/${missing.length}] ${tool.name} ${pinnedVersion(tool.family)}`;
      await withProgress(label, () => buildTool(tool));
      await noteBuildTime(tool, (performance.now() - started) / 1000);
    }
    if (isLast) await removeBuildCaches();
    return missing.length;
  });
}

/** What `npm run bench -- setup` reports: how long each build took on this machine. */
async function noteBuildTime(tool: Tool, seconds: number): Promise<void> {
  const file = join(cacheDir, "build-times", `${tool.name}.json`);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ tool: tool.name, seconds: Math.round(seconds * 10) / 10 }));
}
