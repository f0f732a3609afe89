import { readdirSync, readFileSync } from "node:fs";
import { namespaceOf } from "../../local/cluster/layout.ts";
import { exec } from "../../local/exec.ts";
import { commandOf } from "../../local/process-id.ts";

/** A pod's end of a connection: what it runs, and its address. */
export interface End {
  readonly command: string;
  readonly address: string;
}

/** What one sends to the other goes nowhere, both ways, until it is mended. */
export async function cut(slot: number, one: End, other: End): Promise<() => Promise<void>> {
  // Looked up once: a route to an address looks like having it.
  const [from, to] = [one, other].map((end) => ({ ...end, pid: podProcess(slot, end) }));
  const route = async (verb: "add" | "del") => {
    for (const [end, peer] of [[from!, to!] as const, [to!, from!] as const]) {
      const network = `--net=/proc/${end.pid}/ns/net`;
      await exec("nsenter", [network, "ip", "route", verb, "blackhole", `${peer.address}/32`]);
    }
  };
  await route("add");
  return () => route("del");
}

/** The cluster's process of this name whose network has this address; other clusters have the same addresses. */
function podProcess(slot: number, { command, address }: End): string {
  const ours = new RegExp(`${namespaceOf(slot)}(?!\\d)`);
  const found = readdirSync("/proc").find((pid) => {
    if (!/^\d+$/.test(pid) || commandOf(Number(pid)) !== command) return false;
    const isOurs = ours.test(readFileSync(`/proc/${pid}/cgroup`, "utf8"));
    return isOurs && readFileSync(`/proc/${pid}/net/fib_trie`, "utf8").includes(`|-- ${address}\n`);
  });
  if (!found) throw new Error(`no process ${command} has the address ${address}`);
  return found;
}
