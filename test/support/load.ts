import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { exec } from "../../local/exec.ts";
import { compiledProgram } from "../../local/images/programs.ts";

interface Stats {
  readonly requests: number;
  readonly failed: number;
  readonly tracks: Readonly<
    Record<string, { readonly requests: number; readonly byStatus: object; readonly byError: object }>
  >;
}

/** Of a burst at a time: asks no more of a busy machine than it can do. */
const connections = 32;

/** Requests at a steady rate through a cluster's gateway, sent from this machine to the node's own address. */
export class Load {
  readonly #child: ChildProcess;
  readonly #stats: string;
  readonly #target: readonly string[];
  readonly #end = (): boolean => this.#child.kill("SIGTERM");
  #failures = 0;
  #details: unknown[] = [];

  private constructor(child: ChildProcess, target: readonly string[], stats: string) {
    this.#child = child;
    this.#target = target;
    process.once("exit", this.#end);
    this.#stats = stats;
  }

  static async start(address: string, host: string, rate: number, ...more: string[]): Promise<Load> {
    const target = ["-host", host, ...more, `http://${address}/`];
    const args = ["-rate", String(rate), "-listen", "127.0.0.1:0", ...target];
    const child = spawn(await compiledProgram("load"), args, { stdio: ["ignore", "ignore", "pipe"] });
    for await (const line of createInterface(child.stderr!)) {
      const listens = JSON.parse(line);
      if (listens.address) return new Load(child, target, `http://${listens.address}`);
    }
    throw new Error("the load generator ended before it began");
  }

  async stats(): Promise<Stats> {
    return (await fetch(`${this.#stats}/stats`)).json() as Promise<Stats>;
  }

  /** Forgets the counts, but for the failures. */
  async reset(): Promise<void> {
    const { failed, tracks } = await this.stats();
    this.#count(failed, tracks);
    await fetch(`${this.#stats}/reset`, { method: "POST" });
  }

  #count(failed: number, tracks: Stats["tracks"]): void {
    this.#failures += failed;
    if (failed > 0) this.#details.push(tracks);
  }

  /** So many requests more, in a burst; how many of them the canary answered. */
  async sample(size: number): Promise<{ requests: number; canary: number }> {
    const args = ["-count", String(size), "-connections", String(connections), ...this.#target];
    const { requests, failed, tracks }: Stats = JSON.parse(await exec(await compiledProgram("load"), args));
    this.#count(failed, tracks);
    return { requests, canary: tracks.canary?.requests ?? 0 };
  }

  /** What was answered since the last reset, and how much of it by the canary. */
  async all(): Promise<{ requests: number; canary: number }> {
    const { requests, tracks } = await this.stats();
    return { requests, canary: tracks.canary?.requests ?? 0 };
  }

  /** All that failed since the start, with what is known of them. */
  async failures(): Promise<{ count: number; details: unknown[] }> {
    await this.reset();
    return { count: this.#failures, details: this.#details };
  }

  async stop(): Promise<void> {
    process.removeListener("exit", this.#end);
    this.#end();
    await once(this.#child, "exit");
  }
}

/** Whether a count could come from such a share: outside once in ten thousand samples. */
export function isWithinBinomial(count: number, total: number, share: number): boolean {
  const z = 3.8906;
  return Math.abs(count - total * share) <= z * Math.sqrt(total * share * (1 - share));
}
