import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { compiledProgram } from "../../local/images/programs.ts";
import { waitFor } from "../../local/wait.ts";

interface Stats {
  readonly requests: number;
  readonly failed: number;
  readonly tracks: Readonly<
    Record<string, { readonly requests: number; readonly byStatus: object; readonly byError: object }>
  >;
}

/**
 * So many wait in the generator, not in the gateway, when the machine itself is held up: a proxy answers 503 to what exceeds
 * its limit of 1024 requests for one target.
 */
const connections = 512;

/** Requests at a steady rate through a cluster's gateway, sent from this machine to the node's own address. */
export class Load {
  readonly #child: ChildProcess;
  readonly #stats: string;
  readonly #end = (): boolean => this.#child.kill("SIGTERM");
  #failures = 0;
  #details: unknown[] = [];

  private constructor(child: ChildProcess, stats: string) {
    this.#child = child;
    process.once("exit", this.#end);
    this.#stats = stats;
  }

  static async start(address: string, host: string, rate: number, ...more: string[]): Promise<Load> {
    const how = ["-rate", String(rate), "-connections", String(connections), "-listen", "127.0.0.1:0"];
    const args = [...how, "-host", host, ...more, `http://${address}/`];
    const child = spawn(await compiledProgram("load"), args, { stdio: ["ignore", "ignore", "pipe"] });
    for await (const line of createInterface(child.stderr!)) {
      const listens = JSON.parse(line);
      if (listens.address) return new Load(child, `http://${listens.address}`);
    }
    throw new Error("the load generator ended before it began");
  }

  async stats(): Promise<Stats> {
    return (await fetch(`${this.#stats}/stats`)).json() as Promise<Stats>;
  }

  /** Forgets the counts, but for the failures. */
  async reset(): Promise<void> {
    const { failed, tracks } = await this.stats();
    this.#failures += failed;
    if (failed > 0) this.#details.push(tracks);
    await fetch(`${this.#stats}/reset`, { method: "POST" });
  }

  /** Counts from now on until there are so many; how many of them the canary answered. */
  async sample(size: number): Promise<{ requests: number; canary: number }> {
    await this.reset();
    const { requests, tracks } = await waitFor(
      `${size} requests`,
      async () => {
        const stats = await this.stats();
        return stats.requests >= size && stats;
      },
      { timeout: 120_000, interval: 200 },
    );
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
