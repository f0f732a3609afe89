import type { Seen } from "../../rollout/postgres/cutover.ts";
import type { Pair } from "../../rollout/postgres/pair.ts";
import { database } from "../../rollout/postgres/patroni.ts";
import { poolerAdmin, poolerPort } from "../../rollout/postgres/pooler.ts";
import type { Api } from "../api.ts";
import { Console, type ConsoleAddress } from "./console.ts";
import { addressesOf } from "./observe.ts";

/** Longer than this, clients that don't end their transactions hold up nobody. */
const pauseSeconds = 5;

/** All connection pools before two clusters, whichever of the two they belong to. */
export class Pools {
  readonly #api: Api;
  readonly #pair: Pair;
  readonly #login: Pick<ConsoleAddress, "ca" | "password">;
  readonly #open = new Map<string, Console>();

  constructor(api: Api, pair: Pair, login: Pick<ConsoleAddress, "ca" | "password">) {
    this.#api = api;
    this.#pair = pair;
    this.#login = login;
  }

  async state(): Promise<Seen["pools"]> {
    const paused = await Promise.all((await this.#addresses()).map((address) => this.#isPaused(address)));
    if (paused.every(Boolean)) return paused.length > 0 ? "paused" : "open";
    return paused.some(Boolean) ? "mixed" : "open";
  }

  /** New transactions wait from now on; done when those that run have ended, or had time enough. */
  async pause(): Promise<void> {
    await this.#each(async (address) => {
      if (await this.#isPaused(address)) return;
      await this.#with(address, async (console) => {
        const late = setTimeout(() => console.close(), pauseSeconds * 1000);
        await console.run(`PAUSE ${database}`).finally(() => clearTimeout(late));
      });
    });
  }

  async resume(): Promise<void> {
    await this.#each(async (address) => {
      if (await this.#isPaused(address)) await this.#with(address, (console) => console.run(`RESUME ${database}`));
    });
  }

  /** A pool that can't be reached has no clients that could be held up, or let go. */
  async #each(action: (address: ConsoleAddress) => Promise<void>): Promise<void> {
    await Promise.allSettled((await this.#addresses()).map(action));
  }

  #isPaused(address: ConsoleAddress): Promise<boolean> {
    return this.#with(address, async (console) => {
      const rows = await console.run("SHOW DATABASES");
      return rows.some(({ name, paused }) => name === database && paused === "1");
    }).catch(() => false);
  }

  /** A console stays open as long as it works: to log in takes longer than all that is asked. */
  async #with<T>(address: ConsoleAddress, action: (console: Console) => Promise<T>): Promise<T> {
    const known = this.#open.get(address.host);
    try {
      const console = known ?? (await Console.open(address));
      this.#open.set(address.host, console);
      return await action(console);
    } catch (error) {
      this.#open.get(address.host)?.close();
      this.#open.delete(address.host);
      if (!known) throw error;
      return this.#with(address, action);
    }
  }

  async #addresses(): Promise<ConsoleAddress[]> {
    const { namespace, clusters } = this.#pair;
    const found = await Promise.all(
      clusters.map(async ({ scope }) => {
        const labels = `app.kubernetes.io/name=pgbouncer,app.kubernetes.io/instance=${scope}`;
        const pods = await addressesOf(this.#api, namespace, labels);
        const admin = { port: poolerPort, user: poolerAdmin, database: "pgbouncer", ...this.#login };
        return pods.map(([, host]) => ({ host, servername: `${scope}-pooler.${namespace}.svc`, ...admin }));
      }),
    );
    return found.flat();
  }
}
