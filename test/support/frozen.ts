import { readdirSync, readFileSync } from "node:fs";
import { exec } from "../../local/exec.ts";
import { signalProcess } from "../../local/process-id.ts";
import type { Project } from "./environment.ts";

export interface Frozen {
  /** Past the API server, from the node that the pods run on. */
  faultFromNode(addresses: readonly string[], faults: object): Promise<void>;
  thaw(): void;
}

const inject = `
  const [faults, ...addresses] = process.argv.slice(1);
  const post = (address) => fetch("http://" + address + ":9091/faults", { method: "POST", body: faults });
  const answers = await Promise.all(addresses.map(post));
  process.exit(answers.every(({ ok }) => ok) ? 0 : 1);`;

/** The API server of a project's only cluster, or its store, answers nobody any more, until it is thawed. */
export async function freeze(what: "kube-apiserver" | "etcd", { state }: Project): Promise<Frozen> {
  const pid = processOf(what, state);
  signalProcess(pid, "SIGSTOP");
  return {
    async faultFromNode(addresses, faults) {
      const script = [process.execPath, "--input-type=module", "-e", inject, "--", JSON.stringify(faults)];
      await exec("nsenter", [`--net=/proc/${pid}/ns/net`, ...script, ...addresses]);
    },
    thaw: () => signalProcess(pid, "SIGCONT"),
  };
}

function processOf(program: string, state: string): number {
  const pid = readdirSync("/proc").find((entry) => /^\d+$/.test(entry) && isIt(entry, program, state));
  if (pid === undefined) throw new Error(`no ${program} of a cluster in ${state} runs`);
  return Number(pid);
}

function isIt(pid: string, wanted: string, state: string): boolean {
  try {
    const [program = "", ...flags] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return program.endsWith(`/${wanted}`) && flags.some((flag) => flag.includes(`${state}/`));
  } catch {
    return false; // it ended while we looked
  }
}
