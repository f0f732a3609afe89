import { readFileSync } from "node:fs";

/** A process, told apart from a later one that got the same number. */
export interface ProcessId {
  readonly pid: number;
  /** In clock ticks since the machine started. */
  readonly startTime: number;
}

function stat(pid: number): { state: string; parent: number; startTime: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the name before it may hold anything
    return { state: fields[0]!, parent: Number(fields[1]), startTime: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

export function identify(pid: number): ProcessId {
  const found = stat(pid);
  if (!found) throw new Error(`process ${pid} has ended already`);
  return { pid, startTime: found.startTime };
}

export const thisProcess = (): ProcessId => identify(process.pid);

export function isRunning(id: ProcessId | undefined): boolean {
  const found = id && stat(id.pid);
  return found !== undefined && found.startTime === id?.startTime && found.state !== "Z";
}

/** Sends the signal; a process that has ended already is no error. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Whether any process has this number, whoever it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

export function endProcess(id: ProcessId, signal: NodeJS.Signals): void {
  if (isRunning(id)) signalProcess(id.pid, signal);
}

export function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** The command's name as the kernel has it: 15 characters of it at most. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return "";
  }
}
