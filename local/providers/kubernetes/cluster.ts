import type { ResourceLog } from "../base/engine-log.ts";
import { isNotFound } from "./api-error.ts";
import { Discovery, objectPath, type ServedKind } from "./discovery.ts";
import type { KubeClient, WatchEvent } from "./kube-client.ts";
import { type KubeObject, text } from "./kube-object.ts";

export interface ApplyOptions {
  fieldManager: string;
  force: boolean;
  dryRun: boolean;
}

export interface Selection {
  apiVersion: string;
  kind: string;
  namespace?: string;
  labels?: string;
  fields?: string;
}

/** The kind is not served: its CRD isn't installed, or isn't yet. */
export class UnknownKindError extends Error {
  constructor(apiVersion: string, kind: string) {
    super(
      `the API server does not serve ${kind} of ${apiVersion}; install its CRD first (and make this resource depend on it)`,
    );
  }
}

/** The objects of one Kubernetes cluster. */
export class Cluster {
  readonly #client: KubeClient;
  readonly #discovery: Discovery;

  constructor(client: KubeClient) {
    this.#client = client;
    this.#discovery = new Discovery(client);
  }

  servedKind(object: KubeObject): Promise<ServedKind | undefined> {
    return this.#discovery.find(text(object, "apiVersion") ?? "", text(object, "kind") ?? "");
  }

  /** The live object of the same kind, namespace and name. */
  async get(object: KubeObject, signal?: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await this.#client.get(await this.#path(object), undefined, signal);
    } catch (error) {
      if (isNotFound(error) || error instanceof UnknownKindError) return undefined;
      throw error;
    }
  }

  /** Sets the object's fields for a field manager; what others set stays. */
  async apply(
    object: KubeObject,
    { fieldManager, force, dryRun }: ApplyOptions,
    log?: ResourceLog,
  ): Promise<KubeObject> {
    const { body, warnings } = await this.#client.request({
      method: "PATCH",
      path: await this.#path(object),
      query: {
        fieldManager,
        force: String(force),
        fieldValidation: "Warn",
        ...(dryRun ? { dryRun: "All" } : {}),
      },
      contentType: "application/apply-patch+yaml", // JSON is YAML
      body: object,
    });
    for (const warning of warnings) log?.warn(warning);
    return body;
  }

  async delete(object: KubeObject, propagationPolicy: string): Promise<void> {
    await this.#client.request({
      method: "DELETE",
      path: await this.#path(object),
      body: { apiVersion: "v1", kind: "DeleteOptions", propagationPolicy },
    });
  }

  async list({ apiVersion, kind, namespace, labels, fields }: Selection, signal?: AbortSignal): Promise<KubeObject[]> {
    const served = await this.#discovery.find(apiVersion, kind);
    if (!served) throw new UnknownKindError(apiVersion, kind);
    const query = { ...(labels ? { labelSelector: labels } : {}), ...(fields ? { fieldSelector: fields } : {}) };
    return this.#client.list(objectPath(apiVersion, served, namespace), query, signal);
  }

  /** What happens to one object from a version on. */
  async *watch(object: KubeObject, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const path = await this.#path(object);
    const fieldSelector = `metadata.name=${text(object, "metadata", "name")}`;
    const resourceVersion = text(object, "metadata", "resourceVersion") ?? "";
    yield* this.#client.watch(path.slice(0, path.lastIndexOf("/")), { fieldSelector, resourceVersion }, signal);
  }

  async #path(object: KubeObject): Promise<string> {
    const served = await this.servedKind(object);
    const [apiVersion, kind] = [text(object, "apiVersion") ?? "", text(object, "kind") ?? ""];
    if (!served) throw new UnknownKindError(apiVersion, kind);
    return objectPath(
      apiVersion,
      served,
      text(object, "metadata", "namespace"),
      text(object, "metadata", "name") ?? "",
    );
  }
}
