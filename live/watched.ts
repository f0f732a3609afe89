import type { WatchingApi } from "./api.ts";

interface Thing {
  readonly metadata: { readonly uid: string; resourceVersion: string; managedFields?: unknown };
}

export interface Listed {
  readonly items: readonly unknown[];
}

export interface Rhythm {
  /** Whoever is cut off isn't told so: after so many seconds the server is asked anew. */
  readonly renewedAfter: number;
  /** After so many all is read anew, in case that a change was never told. */
  readonly readAfter: number;
}

/**
 * A kind, read once and then told of: whoever looks twice a second would otherwise read the same all day. What hasn't
 * changed is the very object of the time before.
 */
export class Watched {
  readonly #api: WatchingApi;
  readonly #path: string;
  readonly #rhythm: Rhythm;
  #known = new Map<string, Thing>();
  #listed: Listed | undefined;
  #isCurrent = false;
  #readAt = 0;
  #reading: Promise<boolean> | undefined;

  /** `path` is of all namespaces, as `/apis/GROUP/VERSION/PLURAL`. */
  constructor(api: WatchingApi, path: string, rhythm: Rhythm = { renewedAfter: 10, readAfter: 300 }) {
    this.#api = api;
    this.#path = path;
    this.#rhythm = rhythm;
  }

  /** Undefined where there is no such kind; rejects where nobody can say what there is now. The same while nothing changes. */
  async list(): Promise<Listed | undefined> {
    if (!this.#isCurrent || performance.now() - this.#readAt > 1000 * this.#rhythm.readAfter) {
      this.#reading ??= this.#read().finally(() => {
        this.#reading = undefined;
      });
      if (!(await this.#reading)) return undefined;
    }
    this.#listed ??= { items: [...this.#known.values()] };
    return this.#listed;
  }

  /** Whether there is such a kind. */
  async #read(): Promise<boolean> {
    const found = (await this.#api.get(this.#path)) as
      | { metadata: { resourceVersion: string }; items: Thing[] | null }
      | undefined;
    this.#known = new Map((found?.items ?? []).map((one) => [one.metadata.uid, this.#asBefore(one)]));
    this.#listed = undefined;
    if (!found) return false;
    this.#readAt = performance.now();
    this.#isCurrent = true;
    void this.#follow(found.metadata.resourceVersion, this.#known);
    return true;
  }

  /** Until it breaks off, or all was read again; then what is known isn't believed any longer. */
  async #follow(version: string, known: Map<string, Thing>): Promise<void> {
    let last = version;
    const seconds = this.#rhythm.renewedAfter;
    try {
      while (known === this.#known) {
        const begun = performance.now();
        await this.#api.watch(this.#path, { version: last, seconds }, ({ type, object }) => {
          const thing = object as Thing;
          last = thing.metadata.resourceVersion;
          if (type === "BOOKMARK") return;
          this.#listed = undefined;
          if (type === "DELETED") known.delete(thing.metadata.uid);
          else known.set(thing.metadata.uid, bare(thing));
        });
        if (performance.now() - begun < 500 * seconds) throw new Error("ended long before its time");
      }
    } catch {
      // Who reads next finds out why, and says it.
      if (known === this.#known) this.#isCurrent = false;
    }
  }

  #asBefore(thing: Thing): Thing {
    const before = this.#known.get(thing.metadata.uid);
    return before?.metadata.resourceVersion === thing.metadata.resourceVersion ? before : bare(thing);
  }
}

/** Who has written which field is a good part of an object that is kept, and nobody asks. */
function bare(thing: Thing): Thing {
  delete thing.metadata.managedFields;
  return thing;
}
