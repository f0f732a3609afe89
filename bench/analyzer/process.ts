import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { nodeBinary, nodeFlags } from "../../local/images/node-program.ts";
import { root, stateDir } from "../../local/paths.ts";
import { plans } from "../../stacks/systems/plans.ts";
import type { Monitored } from "./monitored.ts";

/** Ticks of the kernel's clock in a second, in which it counts the time of processes. */
const ticks = 100;

/** The analyzer's own process, from a copy of its sources that knows more names of systems than there are. */
export class Process {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #url: string;
  readonly #complaints: ReadonlySet<string>;

  private constructor(child: ChildProcess, folder: string, url: string, complaints: ReadonlySet<string>) {
    this.#child = child;
    this.#folder = folder;
    this.#url = url;
    this.#complaints = complaints;
  }

  /** Whoever fails and tries again is no measure of anything. */
  assertContent(): void {
    const [first] = this.#complaints;
    if (first) throw new Error(`the analyzer complains ${this.#complaints.size} times; first: ${first}`);
  }

  static async start(names: readonly string[], { prometheusUrl, proxyPort }: Monitored): Promise<Process> {
    const folder = await sourcesFor(names);
    const env = {
      ...process.env,
      ...{ CONTEXT: "admin", PROMETHEUS: prometheusUrl, GATEWAY: `projectcontour/envoy:${proxyPort}` },
      ...{ PLANS: join(folder, "plans"), STACK: "rehearsal", REHEARSAL: "true", PORT: "0" },
    };
    const child = spawn(nodeBinary, [...nodeFlags, join(folder, "analyzer/main.ts")], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const lines = createInterface(child.stdout!);
    const complaints = new Set<string>();
    const port = await new Promise<number>((resolve, reject) => {
      lines.on("line", (line) => {
        const said = JSON.parse(line) as { level: string; message: string; error?: string; port?: number };
        if (said.message === "started") resolve(said.port!);
        if (said.level === "error") complaints.add(`${said.message}: ${said.error ?? ""}`);
      });
      lines.on("close", () => reject(new Error("the analyzer ended before it began")));
    });
    return new Process(child, folder, `http://127.0.0.1:${port}`, complaints);
  }

  /** Over so many seconds. */
  async use(seconds: number): Promise<{ cores: number; megabytes: number }> {
    const before = cpuSeconds(this.#child.pid!);
    let megabytes = 0;
    for (let second = 0; second < seconds; second += 1) {
      await pause(1000);
      megabytes = Math.max(megabytes, residentMegabytes(this.#child.pid!));
    }
    return { cores: (cpuSeconds(this.#child.pid!) - before) / seconds, megabytes };
  }

  /** As Alertmanager does. */
  async tell(alerts: readonly object[]): Promise<void> {
    const body = JSON.stringify({ version: "4", alerts });
    const { status } = await fetch(`${this.#url}/alerts`, { method: "POST", body });
    if (status !== 200) throw new Error(`the analyzer answered ${status} to an alert`);
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, "exit");
    this.#child.kill("SIGTERM");
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Megabytes that a process takes which has asked the API server once, with the same client, and waits. */
export async function idleClient(): Promise<number> {
  const script = `
    const { connect } = await import(process.argv[1]);
    await connect("admin").get("/version");
    console.log("asked");
    setInterval(() => {}, 1 << 30);`;
  const args = [...nodeFlags, "--input-type=module", "-e", script, "--", join(root, "live/api.ts")];
  const child = spawn(nodeBinary, args, { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await once(child.stdout!, "data");
    await pause(5_000);
    return Math.round(residentMegabytes(child.pid!));
  } finally {
    child.kill();
    await once(child, "exit");
  }
}

async function sourcesFor(names: readonly string[]): Promise<string> {
  await mkdir(stateDir, { recursive: true });
  const folder = await mkdtemp(join(stateDir, "analyzer-load-"));
  for (const part of ["analyzer", "live", "rollout", "package.json"]) {
    await cp(join(root, part), join(folder, part), { recursive: true });
  }
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const known = join(folder, "rollout/plan/systems.ts");
  await replace(known, "] as const;", `${names.map((name) => `  "${name}",\n`).join("")}] as const;`);
  const sources = join(folder, "rollout/monitoring/sources.ts");
  await replace(sources, "export const sources:", "const known:");
  const alike = "new Proxy(known, { get: (all, name) => all[name as SystemName] ?? all.wdbx })";
  await writeFile(sources, `\nexport const sources = ${alike};\n`, { flag: "a" });
  await mkdir(join(folder, "plans"));
  for (const plan of plans) await writeFile(join(folder, "plans", `${plan.system}.json`), JSON.stringify(plan));
  return folder;
}

async function replace(file: string, before: string, after: string): Promise<void> {
  const text = await readFile(file, "utf8");
  if (!text.includes(before)) throw new Error(`${file} has no ${before}; the bench has to be brought up to date`);
  await writeFile(file, text.replace(before, after));
}

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

const residentMegabytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1]) / 1024;
