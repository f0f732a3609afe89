import type { Api } from "./api.ts";

interface Head {
  readonly metadata: {
    readonly uid: string;
    readonly name: string;
    readonly namespace: string;
    resourceVersion: string;
    managedFields?: unknown;
  };
}

export interface Listed {
  readonly items: readonly unknown[];
}

/** More that have changed than this are read by one list. */
const mostSingly = 20;

/**
 * Lists a kind again and again and reads only what has changed: whoever looks twice a second would otherwise read the
 * same all day. What hasn't changed is the very object of the list before.
 */
export class ChangedOnly {
  readonly #api: Api;
  readonly #listPath: string;
  #known = new Map<string, Head>();

  /** `listPath` is of all namespaces, as `/apis/GROUP/VERSION/PLURAL`. */
  constructor(api: Api, listPath: string) {
    this.#api = api;
    this.#listPath = listPath;
  }

  /** Undefined where there is no such kind. */
  async list(): Promise<Listed | undefined> {
    const found = (await this.#api.get(this.#listPath, { headsOnly: true })) as { items: Head[] | null } | undefined;
    if (!found) return undefined;
    // Of nothing at all the API server says null.
    const heads = found.items ?? [];
    const asBefore = ({ metadata: { uid, resourceVersion } }: Head): Head | undefined => {
      const known = this.#known.get(uid);
      return known?.metadata.resourceVersion === resourceVersion ? known : undefined;
    };
    const fresh = await this.#read(heads.filter((one) => !asBefore(one)));
    const now = new Map(fresh.map((one) => [one.metadata.uid, one]));
    const items = heads.flatMap((one) => asBefore(one) ?? now.get(one.metadata.uid) ?? []);
    this.#known = new Map(items.map((one) => [one.metadata.uid, one]));
    return { items };
  }

  async #read(changed: readonly Head[]): Promise<Head[]> {
    const read = await (changed.length > mostSingly ? this.#readAll() : this.#readSingly(changed));
    // Who has written which field is a good part of an object that is kept, and nobody asks.
    for (const { metadata } of read) delete metadata.managedFields;
    return read;
  }

  async #readAll(): Promise<Head[]> {
    return ((await this.#api.get(this.#listPath)) as { items: Head[] } | undefined)?.items ?? [];
  }

  async #readSingly(changed: readonly Head[]): Promise<Head[]> {
    const cut = this.#listPath.lastIndexOf("/");
    const [api, plural] = [this.#listPath.slice(0, cut), this.#listPath.slice(cut + 1)];
    const found = await Promise.all(
      changed.map(({ metadata: { namespace, name } }) =>
        this.#api.get(`${api}/namespaces/${namespace}/${plural}/${name}`),
      ),
    );
    // Who isn't there any more was removed in between.
    return found.filter((one): one is Head => one !== undefined);
  }
}
