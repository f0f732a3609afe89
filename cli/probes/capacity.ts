import { checkCapacity, type TrackNeed } from "../../rollout/arithmetic/capacity.ts";
import { parseQuantity } from "../../rollout/arithmetic/quantity.ts";
import type { Capacity } from "../../rollout/plan/model.ts";
import type { Measured, Probe } from "./model.ts";
import { readNodes, type SeenNode } from "./nodes.ts";

/** Whether the nodes hold both tracks of the plan, pod by pod, with the reserve kept free. */
export function judgeCapacity(nodes: readonly SeenNode[], capacity: Capacity): Measured {
  const needs = (["stable", "canary"] as const).flatMap((track): TrackNeed[] => {
    const { replicas, resources } = capacity[track] ?? {};
    if (replicas === undefined || !resources) return [];
    const { cpu, memory } = resources.requests;
    return [{ track, replicas, cpu: parseQuantity(cpu), memory: parseQuantity(memory) }];
  });
  if (needs.length === 0) return { holds: false, said: "the plan doesn't say what its pods ask for", figures: {} };
  const { fits, reason } = checkCapacity(nodes, needs, capacity.reservePercent);
  const offered = nodes.map(
    ({ name, cpu, memory }) => [name, `${cpu} cores, ${Math.floor(memory / 2 ** 20)} MiB`] as const,
  );
  return { holds: fits, said: reason, figures: Object.fromEntries(offered) };
}

export const capacityProbe: Probe = {
  id: "capacity",
  what: "both tracks of the plan fit on the nodes, with the reserve kept free",
  items: ["WDBX-NOGO-05"],
  measure: async (target) => judgeCapacity(await readNodes(target), target.plan.capacity),
};
