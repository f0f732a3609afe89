import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { compiledProgram } from "../../../local/images/programs.ts";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** A simulator as a process of its own, on free ports of the loopback. */
export class Simulator {
  readonly app: string;
  readonly metricsUrl: string;
  readonly admin: string;
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;

  private constructor(process: ChildProcess, addresses: { app: string; metrics: string; admin: string }) {
    this.process = process;
    this.app = `http://${addresses.app}`;
    this.metricsUrl = `http://${addresses.metrics}`;
    this.admin = `http://${addresses.admin}`;
    this.ended = once(process, "exit").then(([code]) => code as number | null);
  }

  static async start(env: Record<string, string> = {}): Promise<Simulator> {
    const any = "127.0.0.1:0";
    const program = await compiledProgram("simulator");
    const child = spawn(program, ["-listen", any, "-metrics", any, "-admin", any], {
      env: { SYSTEM: "wdbx", TRACK: "canary", VERSION: "1.1.0", SEED: "1", DRAIN: "0s", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr!.on("data", (chunk) => {
      said += chunk;
    });
    const failed = once(child, "close").then(([code]): never => {
      throw new Error(`the simulator ended with ${code}: ${said}`);
    });
    const [line] = await Promise.race([once(createInterface({ input: child.stdout! }), "line"), failed]);
    failed.catch(() => {}); // from here on it is up to the test when it ends
    return new Simulator(child, JSON.parse(line as string));
  }

  async stop(): Promise<number | null> {
    this.process.kill("SIGTERM");
    return await this.ended;
  }

  async get(path = "/", init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`${this.app}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text) };
  }

  async statuses(count: number): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    for (let i = 0; i < count; i++) {
      const { status } = await this.get();
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    return counts;
  }

  async setFaults(faults: object | string): Promise<{ status: number; body: Record<string, unknown> }> {
    const body = typeof faults === "string" ? faults : JSON.stringify(faults);
    const response = await fetch(`${this.admin}/faults`, { method: "POST", body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async clearFaults(): Promise<void> {
    await fetch(`${this.admin}/faults`, { method: "DELETE" });
  }

  async stats(): Promise<Record<string, unknown>> {
    return (await (await fetch(`${this.admin}/stats`)).json()) as Record<string, unknown>;
  }

  /** Every sample whose series begins so, by its series. */
  async metrics(prefix: string): Promise<Map<string, number>> {
    const text = await (await fetch(`${this.metricsUrl}/metrics`)).text();
    const samples = text.split("\n").filter((line) => line.startsWith(prefix));
    return new Map(
      samples.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
    );
  }

  /** The sum over all series of the metric. */
  async metric(name: string): Promise<number> {
    return [...(await this.metrics(`${name}{`)).values()].reduce((sum, value) => sum + value, 0);
  }

  async probe(path: "/healthz" | "/readyz"): Promise<number> {
    return (await fetch(`${this.metricsUrl}${path}`)).status;
  }

  async residentBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.process.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  }
}
