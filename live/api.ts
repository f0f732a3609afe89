import { Agent, type RequestOptions } from "node:https";
// The package's index also loads 800 generated models, which takes longer than all that is asked here.
import { KubeConfig } from "@kubernetes/client-node/dist/config.js";
import { type Answer, exchange } from "./exchange.ts";
import { LiveError } from "./live-error.ts";
import { type Change, follow, type WatchFrom } from "./watch.ts";

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
  get(path: string): Promise<unknown>;
  create(path: string, body: object, options?: WriteOptions): Promise<unknown>;
  patch(path: string, kind: PatchKind, body: object, options?: WriteOptions): Promise<unknown>;
  remove(path: string, options?: WriteOptions): Promise<unknown>;
}

/** Also tells what changes. */
export interface WatchingApi extends Api {
  /**
   * All that changes of a kind after a version of it, until the server has told it for so many seconds. Rejects when that
   * breaks off, and when the version is too old to go on from.
   */
  watch(path: string, from: WatchFrom, told: (change: Change) => void): Promise<void>;
}

/** Also tells the time by the API server's clock, which is everybody's. */
export interface ClockedApi extends WatchingApi {
  /** Seconds since 1970. */
  now(): number;
}

export interface WriteOptions {
  readonly dryRun?: boolean;
}

const json = "application/json";

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

  const authorized = async (method: string, more: Record<string, string> = {}): Promise<RequestOptions> => {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const { ca, rejectUnauthorized, servername } = options;
    const { cert, key, passphrase } = token ? {} : options;
    agent ??= new Agent({ keepAlive: true, ca, cert, key, passphrase, rejectUnauthorized, servername });
    const login = token ? { authorization: `Bearer ${token}` } : options.headers;
    return { ...options, agent, method, headers: { ...login, accept: json, ...more } };
  };
  const unanswered = (cause: Error): never => {
    const message = `${context}: no answer from ${server} (${cause.message}); is the cluster running?`;
    throw new LiveError(message, undefined, { cause });
  };
  const send = async (method: string, path: string, body?: object, type = json): Promise<Answer> => {
    const options = await authorized(method, body ? { "content-type": type } : {});
    const answer = await exchange(new URL(path, server), options, body).catch(unanswered);
    setClock(answer.date);
    return answer;
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
    async get(path) {
      const answer = await send("GET", path);
      return answer.status === 404 ? undefined : outcome(context, "GET", path, answer);
    },
    async watch(path, from, told) {
      const answer = await follow(new URL(path, server), await authorized("GET"), from, told).catch(unanswered);
      setClock(answer.date);
      outcome(context, "GET", path, answer);
    },
    create: (path, body, options) => write("POST", path, body, options),
    patch: (path, kind, body, options) => write("PATCH", path, body, options, patchTypes[kind]),
    remove: (path, options) => write("DELETE", path, undefined, options),
  };
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
