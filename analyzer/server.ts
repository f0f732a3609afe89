import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { TriggerAlert } from "../rollout/verdict/abort.ts";
import { fromWebhook } from "./alerts.ts";

export interface Desk {
  metrics(): string;
  /** Undefined when all is well. */
  trouble(): string | undefined;
  onAlerts(alerts: readonly TriggerAlert[]): Promise<void>;
}

/** Alertmanager's bodies are a few kilobytes; whoever sends more isn't Alertmanager. */
const longestBody = 1_000_000;

/** Where it is asked how it is, and told what fires. */
export async function serve(desk: Desk, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const answer = (status: number, text: string, type = "text/plain; charset=utf-8") =>
      response.writeHead(status, { "content-type": type }).end(text);
    const route = `${request.method} ${request.url?.split("?")[0]}`;
    if (route === "GET /metrics") return answer(200, desk.metrics(), "text/plain; version=0.0.4; charset=utf-8");
    if (route === "GET /healthz") {
      const trouble = desk.trouble();
      return answer(trouble ? 503 : 200, `${trouble ?? "ok"}\n`);
    }
    if (route !== "POST /alerts") return answer(404, "there is /metrics, /healthz and, for Alertmanager, /alerts\n");
    return read(request)
      .then(async (value) => {
        const alerts = fromWebhook(value);
        if (!alerts) return answer(400, "this isn't what Alertmanager posts\n");
        await desk.onAlerts(alerts);
        return answer(200, "");
      })
      .catch((error: Error) => answer(400, `${error.message}\n`));
  });
  server.listen(port);
  await once(server, "listening");
  return server;
}

export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function read(request: IncomingMessage): Promise<unknown> {
  let text = "";
  let length = 0;
  for await (const chunk of request.setEncoding("utf8")) {
    length += chunk.length;
    if (length <= longestBody) text += chunk;
  }
  if (length > longestBody) throw new Error(`the body has ${length} characters; at most ${longestBody} are read`);
  return JSON.parse(text);
}
