import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Properties } from "../../../local/providers/base/properties.ts";

export interface Answer {
  code: number;
  body: Properties;
  headers?: Record<string, string>;
}

/** Just enough of an API server: keeps objects by path, lets a test answer in its place, and tells watchers of changes. */
export class FakeApi {
  readonly objects = new Map<string, Properties>();
  /** `PATCH /path?query`, in the order of arrival. */
  readonly requests: string[] = [];
  /** Answers instead of the server where it gives something. */
  answer: (method: string, url: URL) => Answer | undefined = () => undefined;
  readonly #server = createServer((request, response) => void this.#handle(request, response));
  readonly #watchers = new Set<ServerResponse>();
  readonly #events: string[] = [];

  async start(): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const { port } = this.#server.address() as AddressInfo;
    const cluster = { server: `http://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
      "current-context": "c",
    });
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** Changes an object as its controller would. */
  put(path: string, object: Properties): Properties {
    const resourceVersion = String(this.#events.length + 1);
    const stored = { ...object, metadata: { uid: "uid-1", ...(object.metadata as Properties), resourceVersion } };
    this.objects.set(path, stored);
    this.#tell("MODIFIED", stored);
    return stored;
  }

  drop(path: string): void {
    const object = this.objects.get(path);
    this.objects.delete(path);
    if (object) this.#tell("DELETED", object);
  }

  sent(method: string): string[] {
    return this.requests.filter((request) => request.startsWith(method));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://fake");
    const method = request.method ?? "GET";
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    this.requests.push(`${method} ${request.url}`);
    const instead = this.answer(method, url);
    if (url.searchParams.has("watch") && !instead) {
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
      for (const event of this.#events.slice(Number(url.searchParams.get("resourceVersion")))) response.write(event);
      this.#watchers.add(response);
      return;
    }
    const { code, body, headers } = instead ?? this.#serve(method, url, Buffer.concat(chunks).toString());
    response.writeHead(code, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  }

  #serve(method: string, url: URL, sent: string): Answer {
    if (url.pathname === "/api/v1") {
      const resources = [
        { name: "configmaps", kind: "ConfigMap", namespaced: true },
        { name: "namespaces", kind: "Namespace", namespaced: false },
        { name: "events", kind: "Event", namespaced: true },
      ];
      return { code: 200, body: { resources } };
    }
    if (url.pathname.endsWith("/events")) return { code: 200, body: { items: [] } };
    const held = this.objects.get(url.pathname);
    if (method === "PATCH") {
      const applied = { ...held, ...(JSON.parse(sent) as Properties) };
      return { code: 200, body: url.searchParams.has("dryRun") ? applied : this.put(url.pathname, applied) };
    }
    if (held === undefined) return { code: 404, body: { message: `${url.pathname} not found`, reason: "NotFound" } };
    if (method === "DELETE" && (held.metadata as Properties).finalizers === undefined) this.drop(url.pathname);
    return { code: 200, body: held };
  }

  #tell(type: string, object: Properties): void {
    const event = `${JSON.stringify({ type, object })}\n`;
    this.#events.push(event);
    for (const watcher of this.#watchers) watcher.write(event);
  }
}
