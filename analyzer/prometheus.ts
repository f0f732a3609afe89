import { Agent, request } from "node:http";
import { z } from "zod";
import type { Sample } from "../rollout/verdict/answers.ts";
import { minute } from "../rollout/verdict/series.ts";
import type { PrometheusPort } from "./ports.ts";

const value = z.tuple([z.number(), z.string()]);
const series = z.object({
  metric: z.record(z.string(), z.string()),
  value: value.optional(),
  values: z.array(value).optional(),
});
const answer = z.object({ status: z.literal("success"), data: z.object({ result: z.array(series) }) });

const timeoutMs = 5_000;

/** One Prometheus by its address. */
export function prometheusAt(url: string): PrometheusPort {
  const agent = new Agent({ keepAlive: true });
  const ask = async (path: string, form: Record<string, string>): Promise<Sample[]> => {
    const fields = new URLSearchParams({ ...form, timeout: `${timeoutMs / 1000}s` });
    const { status, text } = await post(`${url}/api/v1/${path}`, String(fields), agent);
    if (status !== 200) throw new Error(`${url} answers ${status}: ${text.slice(0, 300)}`);
    const { data, error } = answer.safeParse(JSON.parse(text));
    if (error) throw new Error(`${url}: the answer isn't what Prometheus says: ${error.issues[0]?.message}`);
    return data.data.result.flatMap(({ metric, value: one, values = [] }) =>
      [...(one ? [one] : []), ...values].map(([at, text]) => ({ labels: metric, at, value: Number(text) })),
    );
  };
  return {
    now: (query) => ask("query", { query }),
    minutes: (query, from, through) =>
      ask("query_range", { query, start: String(from + minute), end: String(through), step: String(minute) }),
  };
}

/** Not by `fetch`: a library that is loaded beside it puts a client of another version in its place. */
function post(url: string, body: string, agent: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { "content-type": "application/x-www-form-urlencoded", "content-length": Buffer.byteLength(body) };
    const signal = AbortSignal.timeout(timeoutMs);
    const sent = request(url, { method: "POST", agent, headers, signal }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      response.on("error", reject);
    });
    sent.on("error", (error) => reject(new Error(`${url}: ${error.message}`, { cause: error })));
    sent.end(body);
  });
}
