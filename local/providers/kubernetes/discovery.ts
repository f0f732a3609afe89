import { isNotFound } from "./api-error.ts";
import type { KubeClient } from "./kube-client.ts";
import { items, text } from "./kube-object.ts";

/** How the API server serves a kind. */
export interface ServedKind {
  /** The plural, as it stands in paths. */
  resource: string;
  namespaced: boolean;
}

/** Asks the API server which kinds it serves; a kind that isn't there is asked for again, because a CRD may have come. */
export class Discovery {
  readonly #client: KubeClient;
  readonly #known = new Map<string, Map<string, ServedKind>>();

  constructor(client: KubeClient) {
    this.#client = client;
  }

  async find(apiVersion: string, kind: string): Promise<ServedKind | undefined> {
    const known = this.#known.get(apiVersion)?.get(kind);
    if (known) return known;
    const kinds = await this.#fetch(apiVersion);
    this.#known.set(apiVersion, kinds);
    return kinds.get(kind);
  }

  async #fetch(apiVersion: string): Promise<Map<string, ServedKind>> {
    try {
      const list = await this.#client.get(apiPath(apiVersion));
      const kinds = items(list, "resources").filter((resource) => !text(resource, "name")?.includes("/"));
      return new Map(
        kinds.map((resource) => [
          String(resource.kind),
          { resource: String(resource.name), namespaced: resource.namespaced === true },
        ]),
      );
    } catch (error) {
      if (isNotFound(error)) return new Map();
      throw error;
    }
  }
}

/** The path of one object, or of all of a namespace or cluster if no name is given. */
export function objectPath(apiVersion: string, served: ServedKind, namespace?: string, name?: string): string {
  const space = served.namespaced && namespace ? ["namespaces", encodeURIComponent(namespace)] : [];
  const object = name === undefined ? [] : [encodeURIComponent(name)];
  return [apiPath(apiVersion), ...space, served.resource, ...object].join("/");
}

function apiPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
