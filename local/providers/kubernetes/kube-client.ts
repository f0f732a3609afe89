import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Json, Properties } from "../base/properties.ts";
import { ApiError } from "./api-error.ts";
import type { Connection } from "./kube-config.ts";
import type { KubeObject } from "./kube-object.ts";

export interface Request {
  method: "GET" | "PATCH" | "DELETE";
  path: string;
  query?: Record<string, string>;
  body?: Json;
  contentType?: string;
  signal?: AbortSignal;
}

export interface Response {
  body: Properties;
  warnings: string[];
}

export interface WatchEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  object: KubeObject;
}

/** How often a request that the server postponed (HTTP 429) is sent again. */
const maxPostponed = 10;

/** JSON to and from an API server, as it is: what this client doesn't know it can't drop. */
export class KubeClient {
  readonly #connection: Connection;
  readonly #mayWrite: () => boolean;

  constructor(connection: Connection, mayWrite: () => boolean) {
    this.#connection = connection;
    this.#mayWrite = mayWrite;
  }

  async request(request: Request): Promise<Response> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.#send(request);
      const body = JSON.parse((await readAll(answer)) || "{}") as Properties;
      const code = answer.statusCode ?? 0;
      if (code < 300) return { body, warnings: parseWarnings(answer.headers.warning) };
      if (code !== 429 || attempt > maxPostponed) throw new ApiError(code, body);
      await sleep(1000 * Number(answer.headers["retry-after"] ?? 1), undefined, { signal: request.signal });
    }
  }

  async get(path: string, query?: Record<string, string>, signal?: AbortSignal): Promise<KubeObject> {
    return (await this.request({ method: "GET", path, query, signal })).body;
  }

  async list(path: string, query?: Record<string, string>, signal?: AbortSignal): Promise<KubeObject[]> {
    return ((await this.get(path, query, signal)).items ?? []) as KubeObject[];
  }

  /** Gives the events of a watch until it ends; the server ends each watch after some minutes. */
  async *watch(path: string, query: Record<string, string>, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const answer = await this.#send({ method: "GET", path, query: { ...query, watch: "true" }, signal });
    const code = answer.statusCode ?? 0;
    if (code >= 300) throw new ApiError(code, JSON.parse(await readAll(answer)));
    let rest = "";
    answer.setEncoding("utf8");
    for await (const chunk of answer) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) yield JSON.parse(line) as WatchEvent;
    }
  }

  async #send(request: Request): Promise<IncomingMessage> {
    const { server } = this.#connection;
    const { headers, ...options } = await this.#connection.options();
    const { method, signal, contentType = "application/json" } = request;
    // Checked last, right before the write: an orphan must not touch the cluster.
    if (method !== "GET" && !this.#mayWrite()) throw new Error("the Pulumi engine is gone; nothing was written");
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    const content =
      body === undefined ? {} : { "content-type": contentType, "content-length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const { request: open } = server.protocol === "http:" ? http : https;
      const sent = open(
        urlOf(server, request),
        {
          ...options,
          method,
          signal,
          headers: { ...headers, accept: "application/json", "user-agent": "rampart-embedded-provider", ...content },
        },
        resolve,
      );
      sent.on("error", (error: NodeJS.ErrnoException) => {
        if (signal?.aborted) return reject(error);
        // The server closed an idle connection at the moment we used it again; the others may be as old, a new one isn't.
        if (sent.reusedSocket && error.code === "ECONNRESET") return resolve(this.#send(request));
        const reason = error.message || error.code;
        return reject(
          new Error(`cannot reach the Kubernetes API server at ${server.origin}: ${reason}; is the cluster up?`),
        );
      });
      sent.end(body);
    });
  }
}

function urlOf(server: URL, { path, query = {} }: Request): URL {
  const url = new URL(server.pathname.replace(/\/$/, "") + path, server);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const isJson = answer.headers["content-type"]?.includes("json") ?? false;
  return isJson || text === "" ? text : JSON.stringify({ message: text.trim() });
}

/** The texts of a header such as `299 - "unknown field \"spec.x\""`. */
export function parseWarnings(header: string | undefined): string[] {
  const texts = [...(header ?? "").matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)];
  return texts.map(([, text = ""]) => text.replace(/\\(.)/g, "$1"));
}
