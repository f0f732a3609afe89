import { z } from "zod";
import type { TrackNeed } from "../../rollout/arithmetic/capacity.ts";
import { parseQuantity } from "../../rollout/arithmetic/quantity.ts";
import type { Measured } from "./model.ts";

const amounts = z.record(z.string(), z.string()).default({});
const quotaList = z.object({
  items: z.array(
    z.object({ metadata: z.object({ name: z.string() }), status: z.object({ hard: amounts, used: amounts }) }),
  ),
});

/** Whether a namespace's quotas, as the API server counts them, leave room for all that a plan's tracks ask for. */
export function judgeQuotas(list: unknown, needs: readonly TrackNeed[]): Measured {
  const sum = (of: (need: TrackNeed) => number): number => needs.reduce((all, one) => all + of(one), 0);
  const needed: Readonly<Record<string, number>> = {
    "requests.cpu": sum(({ replicas, cpu }) => replicas * cpu),
    "requests.memory": sum(({ replicas, memory }) => replicas * memory),
    pods: sum(({ replicas }) => replicas),
  };
  const seen = quotaList.parse(list).items.flatMap(({ metadata, status: { hard, used } }) =>
    Object.entries(hard).map(([resource, limit]) => ({
      ...{ key: `${metadata.name} ${resource}`, limit, used: used[resource] ?? "0" },
      isFull: parseQuantity(used[resource] ?? "0") > parseQuantity(limit),
      isShort: (needed[resource] ?? 0) > parseQuantity(limit),
    })),
  );
  const bad = seen.filter(({ isFull, isShort }) => isFull || isShort);
  return {
    holds: bad.length === 0,
    said:
      seen.length === 0
        ? "its namespace has no quota"
        : bad.length === 0
          ? "its quota holds both tracks"
          : `its quota is too small: ${bad.map(({ key, limit }) => `${key} of ${limit}`).join(", ")}`,
    figures: Object.fromEntries(seen.map(({ key, limit, used }) => [`quota ${key}`, `${used} used of ${limit}`])),
  };
}
