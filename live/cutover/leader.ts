import type { Half } from "../../rollout/postgres/pair.ts";
import { database, postgresPort } from "../../rollout/postgres/patroni.ts";
import { Console } from "./console.ts";
import { lockPath } from "./observe.ts";
import type { Way } from "./way.ts";

/** Longer than this no answer is worth waiting for: somebody else may lead by then. */
const answerSeconds = 30;

/** The superuser's line to a cluster's leader, whoever that is. */
export class Leader {
  readonly #way: Way;
  readonly #scope: string;
  #line: Promise<Console> | undefined;

  constructor(way: Way, { scope }: Half) {
    this.#way = way;
    this.#scope = scope;
  }

  /** The first column of each row. */
  async all(command: string): Promise<string[]> {
    this.#line ??= this.#open();
    const line = await this.#line.catch((error: Error) => {
      this.#line = undefined;
      throw error;
    });
    const late = setTimeout(() => line.close(), answerSeconds * 1000);
    try {
      return (await line.run(command)).map((row) => Object.values(row)[0]!);
    } catch (error) {
      this.#line = undefined;
      line.close();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }

  async one(command: string): Promise<string> {
    return (await this.all(command))[0] ?? "";
  }

  async is(command: string): Promise<boolean> {
    return (await this.one(command)) === "t";
  }

  async #open(): Promise<Console> {
    const { api, pair } = this.#way;
    const lock = (await api.get(lockPath(pair.namespace, this.#scope))) as
      | { metadata: { annotations?: Record<string, string> } }
      | undefined;
    const holder = lock?.metadata.annotations?.leader;
    if (!holder) throw new Error(`nobody leads ${this.#scope}`);
    return openTo(this.#way, `${holder}.${this.#scope}.${pair.namespace}.svc`);
  }
}

export function openTo({ settings }: Way, host: string): Promise<Console> {
  const login = { user: "postgres", password: settings.SUPERUSER_PASSWORD, database, ca: settings.CA_FILE };
  return Console.open({ host, servername: host, port: postgresPort, ...login });
}
