import { link, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { isAlive } from "../process-id.ts";

/** Runs the job while no other process of this machine runs one under the same lock file. */
export async function withLock<T>(file: string, onWait: (pid: number) => void, job: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  for (let told = 0; !(await take(file)); ) {
    const holder = Number(await readFile(file, "utf8").catch(() => "0"));
    if (holder && !isAlive(holder)) {
      await removeStale(file, holder);
      continue;
    }
    if (holder && holder !== told) onWait(holder);
    told = holder;
    await pause(100);
  }
  try {
    return await job();
  } finally {
    await rm(file, { force: true });
  }
}

/** The lock appears with its holder's number in it, or not at all. */
async function take(file: string): Promise<boolean> {
  const draft = `${file}.${process.pid}.${draftCount++}`;
  await writeFile(draft, String(process.pid));
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft);
  }
}
let draftCount = 0;

/** Two that wait may both see a dead holder: the slower one must not remove what the quicker one has just taken. */
async function removeStale(file: string, holder: number): Promise<void> {
  const aside = `${file}.${process.pid}.stale`;
  await rename(file, aside).catch(() => undefined);
  const removed = await readFile(aside, "utf8").catch(() => undefined);
  if (removed !== undefined && Number(removed) !== holder) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}
