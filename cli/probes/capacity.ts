import { checkCapacity, type TrackNeed } from "../../rollout/arithmetic/capacity.ts";
import { parseQuantity } from "../../rollout/arithmetic/quantity.ts";
import type { Capacity } from "../../rollout/plan/model.ts";
import type { Measured, Probe } from "./model.ts";
import { readNodes, type SeenNode } from "./nodes.ts";
import { judgeQuotas } from "./quotas.ts";

function needsOf(capacity: Capacity): TrackNeed[] {
  return (["stable", "canary"] as const).flatMap((track): TrackNeed[] => {
    const { replicas, resources } = capacity[track] ?? {};
    if (replicas === undefined || !resources) return [];
    const { cpu, memory } = resources.requests;
    return [{ track, replicas, cpu: parseQuantity(cpu), memory: parseQuantity(memory) }];
  });
}

/** Whether the nodes hold both tracks of the plan, pod by pod, with the reserve kept free, and the quota lets them in. */
export function judgeCapacity(nodes: readonly SeenNode[], quotas: unknown, capacity: Capacity): Measured {
  const needs = needsOf(capacity);
  if (needs.length === 0) return { holds: false, said: "the plan doesn't say what its pods ask for", figures: {} };
  const { fits, reason } = checkCapacity(nodes, needs, capacity.reservePercent);
  const quota = judgeQuotas(quotas, needs);
  const offered = nodes.map(
    ({ name, cpu, memory }) => [name, `${cpu} cores, ${Math.floor(memory / 2 ** 20)} MiB`] as const,
  );
  return {
    holds: fits && quota.holds,
    said: `${reason}; ${quota.said}`,
    figures: { ...Object.fromEntries(offered), ...quota.figures },
  };
}

const items = ["WDBX-NOGO-05"];

export const capacityProbe: Probe = {
  id: "capacity",
  what: "both tracks of the plan fit on the nodes, with the reserve kept free, and into the namespace's quota",
  items,
  async measure(target) {
    const quotas = await target.api.get(`/api/v1/namespaces/${target.namespace}/resourcequotas`);
    return [{ items, ...judgeCapacity(await readNodes(target), quotas, target.plan.capacity) }];
  },
};
