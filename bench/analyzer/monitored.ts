import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What a minute of a good track counts. */
const requests = { canary: 600, stable: 11_400 } as const;
const tracks = ["canary", "stable"] as const;
const bounds = ["0.001", "0.005", "0.01", "0.05", "0.1", "0.5", "1", "+Inf"];

/** A Prometheus and a proxy that have seen the same good minute of every system, again and again. */
export interface Monitored {
  systems: readonly string[];
  readonly prometheusUrl: string;
  readonly proxyPort: number;
  /** Since they were last reset: how many, and the length of the longest in bytes. */
  readonly questions: { readonly asked: number; readonly largest: number };
  reset(): void;
  close(): Promise<void>;
}

export async function monitored(): Promise<Monitored> {
  let questions = { asked: 0, largest: 0 };
  let systems: readonly string[] = [];
  /** To make them costs more than to judge them, and what is measured isn't this. */
  const answers = new Map<string, string>();
  const born = Date.now();
  const prometheus = await listening(async (request) => {
    const form = await textOf(request);
    questions = { asked: questions.asked + 1, largest: Math.max(questions.largest, form.length) };
    if (!request.url?.endsWith("query_range")) return success([]);
    const fields = new URLSearchParams(form);
    const asked = {
      of: kindOf(fields.get("query") ?? ""),
      from: Number(fields.get("start")),
      through: Number(fields.get("end")),
    };
    const key = JSON.stringify(asked);
    const answer = answers.get(key) ?? success(answered(asked, systems));
    answers.set(key, answer);
    return answer;
  });
  const proxy = await listening(async () => {
    const minutes = (Date.now() - born) / 60_000;
    return systems.flatMap((system) => tracks.map((track) => counterOf(system, track, minutes))).join("\n");
  });
  return {
    get systems() {
      return systems;
    },
    set systems(named) {
      systems = named;
      answers.clear();
    },
    get questions() {
      return questions;
    },
    prometheusUrl: `http://127.0.0.1:${portOf(prometheus)}`,
    proxyPort: portOf(proxy),
    reset() {
      questions = { asked: 0, largest: 0 };
    },
    async close() {
      for (const server of [prometheus, proxy]) {
        server.close();
        server.closeAllConnections();
        await once(server, "close");
      }
    },
  };
}

const success = (result: readonly object[]): string => JSON.stringify({ status: "success", data: { result } });

interface Asked {
  readonly of: "buckets" | "up" | "failures" | "requests";
  readonly from: number;
  readonly through: number;
}

function kindOf(query: string): Asked["of"] {
  if (query.includes("_bucket")) return "buckets";
  if (query.includes("up{job")) return "up";
  return /errors_total|class="5"|integrity|critical/.test(query) ? "failures" : "requests";
}

function answered({ of, from, through }: Asked, systems: readonly string[]): object[] {
  const at = Array.from(
    { length: Math.max(0, Math.floor((through - from) / 60)) + 1 },
    (_, index) => from + 60 * index,
  );
  const series = (labels: object, value: number) => ({
    metric: labels,
    values: at.map((one): [number, string] => [one, String(value)]),
  });
  return systems.flatMap((system) =>
    tracks.flatMap((track) => {
      if (of === "buckets") {
        return bounds.map((le, index) => series({ system, track, le }, index < 3 ? 0 : requests[track]));
      }
      return [series({ system, track }, { up: 1, failures: 0, requests: requests[track] }[of])];
    }),
  );
}

const counterOf = (system: string, track: (typeof tracks)[number], minutes: number): string =>
  `envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="${system}_${system}-${track}_80"} ${Math.floor(minutes * requests[track])}`;

async function listening(answer: (request: IncomingMessage) => Promise<string>): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request).then(
      (text) => response.end(text),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}
