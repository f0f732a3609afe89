import { Agent, request } from "node:https";
// The package's index also loads 800 generated models, which takes longer than all that is asked here.
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { LiveError } from "./live-error.ts";

export type PatchKind = "json" | "merge" | "strategic" | "apply";

const patchTypes: Readonly<Record<PatchKind, string>> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

/** A cluster by its REST interface, as plain objects: nothing on the way drops a field that it doesn't know. */
export interface Api {
  readonly context: string;
  /** Undefined where there is no such object, or no such kind. */
  get(path: string, options?: ReadOptions): Promise<unknown>;
  create(path: string, body: object, options?: WriteOptions): Promise<unknown>;
  patch(path: string, kind: PatchKind, body: object, options?: WriteOptions): Promise<unknown>;
  remove(path: string, options?: WriteOptions): Promise<unknown>;
}

/** Also tells the time by the API server's clock, which is everybody's. */
export interface ClockedApi extends Api {
  /** Seconds since 1970. */
  now(): number;
}

export interface ReadOptions {
  /** Of a list: only the objects' metadata. */
  readonly headsOnly?: boolean;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
}

const timeoutMs = 10_000;
const json = "application/json";
const heads = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/** As a context of the kubeconfig, or with a token in place of its login. */
export function connect(context: string, token?: string): ClockedApi {
  const config = new KubeConfig();
  config.loadFromDefault();
  const contexts = config.getContexts().map(({ name }) => name);
  if (!contexts.includes(context)) {
    throw new LiveError(
      `the kubeconfig has no context ${context}; there are: ${contexts.join(", ") || "none"}; ` +
        "is the cluster running (npm start), is KUBECONFIG set?",
    );
  }
  config.setCurrentContext(context);
  const server = config.getCurrentCluster()?.server;
  if (!server) throw new LiveError(`context ${context} of the kubeconfig names no cluster that is there`);
  let agent: Agent | undefined;
  let ahead = 0;
  // Its header counts whole seconds: nearer than one it can't be told, and the clock shouldn't tremble.
  const setClock = (date: string | undefined): void => {
    const found = date ? Date.parse(date) + 500 - Date.now() : Number.NaN;
    if (Math.abs(found - ahead) > 1000) ahead = found;
  };

  const send = async (
    method: string,
    path: string,
    body?: object,
    type = json,
    accept: string = json,
  ): Promise<Answer> => {
    const options: import("node:https").RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, rejectUnauthorized, servername } = options;
    const { cert, key, passphrase } = token ? {} : options;
    agent ??= new Agent({ keepAlive: true, ca, cert, key, passphrase, rejectUnauthorized, servername });
    const login = token ? { authorization: `Bearer ${token}` } : options.headers;
    const headers = { ...login, accept, ...(body ? { "content-type": type } : {}) };
    const answer = exchange(new URL(path, server), { ...options, agent, method, headers }, body);
    answer.then(
      ({ date }) => setClock(date),
      () => undefined,
    );
    return answer.catch((cause: Error) => {
      throw new LiveError(
        `${context}: no answer from ${server} (${cause.message}); is the cluster running?`,
        undefined,
        {
          cause,
        },
      );
    });
  };
  const write = async (
    method: string,
    path: string,
    body: object | undefined,
    options: WriteOptions = {},
    type?: string,
  ) => {
    const query = `fieldManager=rampart${options.dryRun ? "&dryRun=All" : ""}`;
    const answer = await send(method, `${path}${path.includes("?") ? "&" : "?"}${query}`, body, type);
    return outcome(context, method, path, answer);
  };
  return {
    context,
    now: () => (Date.now() + ahead) / 1000,
    async get(path, { headsOnly } = {}) {
      const answer = await send("GET", path, undefined, json, headsOnly ? heads : json);
      return answer.status === 404 ? undefined : outcome(context, "GET", path, answer);
    },
    create: (path, body, options) => write("POST", path, body, options),
    patch: (path, kind, body, options) => write("PATCH", path, body, options, patchTypes[kind]),
    remove: (path, options) => write("DELETE", path, undefined, options),
  };
}

interface Answer {
  status: number;
  text: string;
  date: string | undefined;
}

function exchange(url: URL, options: import("node:https").RequestOptions, body?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { ...options, timeout: timeoutMs }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text, date: response.headers.date }));
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new Error(`nothing within ${timeoutMs / 1000} s`)));
    sent.on("error", reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}

function outcome(context: string, method: string, path: string, { status, text }: Answer): unknown {
  const parsed = parse(text);
  // What stands behind a proxy path may speak plain text.
  if (status < 300) return parsed ?? text;
  const said = (parsed as { message?: string } | undefined)?.message ?? text.slice(0, 200);
  if (status === 401) throw new LiveError(`${context}: the login isn't accepted; log in again`, status);
  if (status === 403 && /cannot/.test(said)) throw new LiveError(`${context}: ${said}; ask the platform team`, status);
  throw new LiveError(`${context}: ${method} ${path.split("?")[0]}: ${said}`, status);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
