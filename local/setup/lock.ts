import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Runs the job while no other process of this machine runs one under the same lock file. */
export async function withLock<T>(file: string, onWait: (pid: number) => void, job: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true });
  for (let told = false; !(await take(file)); ) {
    const holder = Number(await readFile(file, "utf8").catch(() => "0"));
    if (holder && !isAlive(holder)) {
      await rm(file, { force: true });
      continue;
    }
    if (holder && !told) onWait(holder);
    told ||= holder > 0;
    await pause(200);
  }
  try {
    return await job();
  } finally {
    await rm(file, { force: true });
  }
}

const take = (file: string): Promise<boolean> =>
  writeFile(file, String(process.pid), { flag: "wx" }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return false;
      throw error;
    },
  );

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
