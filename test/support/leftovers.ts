import { readdirSync, readFileSync } from "node:fs";
import { exec } from "../../local/exec.ts";
import { stateDir } from "../../local/paths.ts";
import { commandOf } from "../../local/process-id.ts";

/**
 * What clusters could leave behind on the machine, as sorted lines that can be compared; without those slots, in which
 * pods of other tests may still be ending.
 */
export async function machineState(apart: readonly number[] = []): Promise<Record<string, string[]>> {
  const lines = async (command: string, ...args: string[]): Promise<string[]> =>
    (await exec(command, args)).split("\n").filter(Boolean);
  const found = {
    processes: processes(),
    mounts: readFileSync("/proc/self/mounts", "utf8").split("\n").filter(Boolean),
    "network namespaces": (await lines("ip", "netns", "list")).map((line) => line.split(" ")[0]!),
    links: (await lines("ip", "-brief", "link")).map((line) => line.split(/[\s@]/)[0]!),
    "control groups": controlGroups(),
    iptables: (await lines("iptables-save")).filter((line) => !/^[#:]/.test(line)),
  };
  const others = [...slotsOfOthers(), ...apart];
  const isOurs = (line: string): boolean => !others.some((slot) => new RegExp(`rampart-${slot}(?!\\d)`).test(line));
  return Object.fromEntries(Object.entries(found).map(([what, list]) => [what, list.filter(isOurs).sort()]));
}

/** Other checkouts, and other test runs of this one, come and go as they like. */
function slotsOfOthers(): number[] {
  return readdirSync("/run/rampart")
    .filter((file) => file.startsWith("slot-"))
    .map((file) => JSON.parse(readFileSync(`/run/rampart/${file}`, "utf8")) as { slot: number; top: string })
    .filter(({ top }) => !top.startsWith(stateDir))
    .map(({ slot }) => slot);
}

/** Everything in a cluster's control groups, and what holds its namespaces. */
function processes(): string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"))) return [];
        const group = /rampart-\d+/.exec(readFileSync(`/proc/${pid}/cgroup`, "utf8"))?.[0];
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const isHolder = command.startsWith("unshare\0") && command.includes(stateDir);
        return group || isHolder ? [`${pid} ${commandOf(Number(pid))} ${group ?? ""}`] : [];
      } catch {
        return []; // it ended while we looked
      }
    });
}

function controlGroups(): string[] {
  const top = "/sys/fs/cgroup";
  return readdirSync(top, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => readdirSync(`${top}/${entry.name}`).map((name) => `${entry.name}/${name}`))
    .filter((path) => path.includes("rampart"));
}
