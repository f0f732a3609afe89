import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { endProcess, isRunning, type ProcessId, thisProcess } from "../process-id.ts";
import { withLock } from "../setup/lock.ts";
import { waitFor } from "../wait.ts";
import { removeCgroups } from "./cgroups.ts";
import { disconnect, takeSlot, usedSlots } from "./network.ts";

/** Who uses a slot. Kept for the whole machine, so that any checkout can clear up after any other. */
export interface SlotUse {
  readonly slot: number;
  /** The cluster's folder. */
  readonly top: string;
  /** Who brings the cluster up; it counts until the node's first process is there. */
  readonly starter: ProcessId;
  /** The node's first process, as the host sees it. */
  readonly init?: ProcessId;
  /** A test run's cluster ends with the test run. */
  readonly owner?: ProcessId;
}

const registry = "/run/rampart";
const fileOf = (slot: number): string => join(registry, `slot-${slot}.json`);
const locked = <T>(job: () => Promise<T>): Promise<T> => withLock(join(registry, "lock"), () => {}, job);

async function readUse(slot: number): Promise<SlotUse | undefined> {
  const text = await readFile(fileOf(slot), "utf8").catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

export const writeUse = (use: SlotUse): Promise<void> => writeFile(fileOf(use.slot), JSON.stringify(use));

const isInUse = (use: SlotUse | undefined): boolean =>
  use !== undefined &&
  (use.init ? isRunning(use.init) : isRunning(use.starter)) &&
  (use.owner === undefined || isRunning(use.owner));

/** Takes a slot for the cluster in this folder; what dead clusters left behind goes first. */
export async function openSlot(top: string, preferred: number | undefined, owner?: ProcessId): Promise<SlotUse> {
  await mkdir(registry, { recursive: true });
  return locked(async () => {
    await reap();
    const slot = await takeSlot(preferred);
    const use: SlotUse = { slot, top, starter: thisProcess(), ...(owner ? { owner } : {}) };
    await writeUse(use);
    return use;
  });
}

/** The slot that the cluster in this folder uses now, if it runs. */
export async function findSlot(top: string): Promise<SlotUse | undefined> {
  for (const slot of usedSlots()) {
    const use = await readUse(slot);
    if (use?.top === top && isInUse(use)) return use;
  }
  return undefined;
}

/** Ends everything in the slot and gives it back, unless that has happened already and somebody else has it now. */
export const closeSlot = (use: SlotUse): Promise<void> =>
  locked(async () => {
    const now = await readUse(use.slot);
    if (now?.top === use.top && isDeepStrictEqual(now.starter, use.starter)) await close(use);
  });

async function close(use: SlotUse): Promise<void> {
  const { init } = use;
  if (init && isRunning(init)) {
    endProcess(init, "SIGKILL"); // the node's processes go with it
    await waitFor("the node's end", async () => !isRunning(init), { timeout: 10_000 });
  }
  await release(use.slot);
}

/** The network namespace goes last: as long as it is there, nobody else takes the slot. */
async function release(slot: number): Promise<void> {
  // Processes that were killed a moment ago may still count as members.
  await waitFor("the end of its control groups", () => removeCgroups(slot).then(() => true), { timeout: 10_000 });
  await rm(fileOf(slot), { force: true });
  await disconnect(slot);
}

/** Clears up after clusters whose processes or whose test runs are gone. */
async function reap(): Promise<void> {
  for (const slot of usedSlots()) {
    const use = await readUse(slot);
    if (isInUse(use)) continue;
    if (use) await close(use);
    else await release(slot);
    if (use?.owner && existsSync(use.top)) await rm(use.top, { recursive: true, force: true });
  }
}

export async function reapDeadClusters(): Promise<void> {
  if (!existsSync(registry)) return;
  await locked(reap);
}
