import { z } from "zod";
import type { Api } from "./api.ts";
import { firstAnswer } from "./replicas.ts";

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

/** The platform's Prometheus, whichever of its replicas answers. */
export const prometheusBehind =
  (api: Api): Ask =>
  async (query) => {
    const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
    const found = await firstAnswer(api, { name: "Prometheus", port: 9090 }, path, (one) => answer.safeParse(one).data);
    return found.answer.data.result.map((one) => ({ labels: one.metric, value: Number(one.value[1]) }));
  };
