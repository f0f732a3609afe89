import { Agent } from "node:http";
import { z } from "zod";
import type { Sample } from "../rollout/verdict/answers.ts";
import { minute } from "../rollout/verdict/series.ts";
import { exchange } from "./http.ts";
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
    const { status, text } = await exchange(`${url}/api/v1/${path}`, { agent, timeoutMs, form: String(fields) });
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
