import { z } from "zod";
import { type Api, LiveError } from "./api.ts";

const value = z.tuple([z.number(), z.string()]);
const answer = z.object({
  status: z.literal("success"),
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()), value })) }),
});

/** What one series says now. */
export interface Reading {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Answers a query; rejects where nobody does. */
export type Ask = (query: string) => Promise<readonly Reading[]>;

/** Where the platform stack puts its monitoring. */
const namespace = "rampart-monitoring";
const replicas = ["prometheus-0", "prometheus-1"];

/** The platform's Prometheus through the API server, so that whoever may see its pods needs no other way in. */
export const prometheusBehind =
  (api: Api): Ask =>
  async (query) => {
    const problems: string[] = [];
    for (const pod of replicas) {
      const path = `/api/v1/namespaces/${namespace}/pods/${pod}:9090/proxy/api/v1/query?query=${encodeURIComponent(query)}`;
      try {
        const { data } = answer.safeParse(await api.get(path));
        if (data) return data.data.result.map((one) => ({ labels: one.metric, value: Number(one.value[1]) }));
        problems.push(`${pod} isn't there, or no Prometheus`);
      } catch (error) {
        if (!(error instanceof LiveError)) throw error;
        problems.push(error.message);
      }
    }
    throw new LiveError(`${api.context}: no Prometheus in ${namespace} answers: ${problems.join("; ")}`);
  };
