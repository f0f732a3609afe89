// What befalls a pod, done to its processes and in its network from the machine that it runs on.
import { readdirSync, readFileSync } from "node:fs";
import { exec } from "../../local/exec.ts";
import { commandOf, signalProcess } from "../../local/process-id.ts";
import type { Space } from "../support/pods.ts";

/** All processes of a pod, as this machine numbers them. */
async function processesOf(space: Space, pod: string): Promise<number[]> {
  const uid = await space.kubectl("get", "pod", pod, "--output", "jsonpath={.metadata.uid}");
  const isOfPod = (pid: number): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, "utf8").includes(uid);
    } catch {
      return false; // it has ended meanwhile
    }
  };
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && isOfPod(pid));
}

/** Holds the pod's network, and lives as long as the pod does. */
const isSandbox = (pid: number): boolean => commandOf(pid) === "pause";

async function signalPod(space: Space, pod: string, signal: NodeJS.Signals): Promise<void> {
  const pids = (await processesOf(space, pod)).filter((pid) => !isSandbox(pid));
  for (const pid of pids) signalProcess(pid, signal);
}

export const freeze = (space: Space, pod: string): Promise<void> => signalPod(space, pod, "SIGSTOP");
export const thaw = (space: Space, pod: string): Promise<void> => signalPod(space, pod, "SIGCONT");

export async function killServer(space: Space, pod: string): Promise<void> {
  const servers = (await processesOf(space, pod)).filter((pid) => commandOf(pid) === "postgres");
  const isPostmaster = (pid: number): boolean => !servers.includes(parentOf(pid));
  for (const pid of servers.filter(isPostmaster)) signalProcess(pid, "SIGKILL");
}

const parentOf = (pid: number): number =>
  Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);

type Rule = readonly string[];
export const nothing: readonly Rule[] = [
  ["INPUT", "!", "-i", "lo", "-j", "DROP"],
  ["OUTPUT", "!", "-o", "lo", "-j", "DROP"],
];
export const noApiServer: readonly Rule[] = [
  ["OUTPUT", "-p", "tcp", "-d", "10.96.0.1", "-j", "REJECT", "--reject-with", "tcp-reset"],
];
/** As if it hung: nothing is refused and nothing answered. */
export const silentApiServer: readonly Rule[] = [["OUTPUT", "-p", "tcp", "-d", "10.96.0.1", "-j", "DROP"]];
export const noPacketsFrom = (address: string): readonly Rule[] => [["INPUT", "-s", address, "-j", "DROP"]];

/** Puts rules in force in a pod's network; the result takes them away again. */
export async function restrict(space: Space, pod: string, rules: readonly Rule[]): Promise<() => Promise<void>> {
  const sandbox = (await processesOf(space, pod)).find(isSandbox);
  const change = async (action: "--insert" | "--delete"): Promise<void> => {
    for (const rule of rules)
      await exec("nsenter", [`--net=/proc/${sandbox}/ns/net`, "iptables", "-w", action, ...rule]);
  };
  await change("--insert");
  return () => change("--delete");
}

/** Overwrites the beginning of a file of a member's data, behind its server's back. */
export function scribble(space: Space, pod: string, file: string): Promise<string> {
  const script = `import sys; open(sys.argv[1], "r+b").write(b"scribble" * 1024)`;
  return space.kubectl("exec", pod, "--container=patroni", "--", "python3", "-c", script, `/pgdata/data/${file}`);
}
