import { parseQuantity } from "../../rollout/arithmetic/quantity.ts";
import type { Plan } from "../../rollout/plan/model.ts";
import { type HttpSystem, ports, small } from "./http-system.ts";

/** As large as the plan says. Both tracks get stable's limits: a canary with others would prove other pods. */
export function sizeOf({ system, capacity: { stable, canary } }: Plan): Pick<HttpSystem, "pod" | "replicas"> {
  const { requests = small, limits } = stable?.resources ?? {};
  return {
    pod: { env: { SYSTEM: system, ...stable?.env }, resources: requests, ...(limits ? { limits } : {}), ports },
    replicas: { stable: stable?.replicas ?? 2, canary: canary?.replicas ?? 1 },
  };
}

/**
 * The same so many times smaller, but never a stable track that one lost pod takes away. The limit of the CPU stays, for
 * pods that are held back are slow, not small; and the number of pods stays fixed, for nobody measures what to scale by.
 */
export function shrunk(http: HttpSystem, by: number): HttpSystem {
  if (by === 1) return http;
  const { autoscaling: _fixed, pod, replicas, ...rest } = http;
  const { resources, limits, ...others } = pod;
  return {
    ...rest,
    pod: {
      ...others,
      resources: { cpu: cpu(resources.cpu, by), memory: memory(resources.memory, by) },
      ...(limits ? { limits: { ...limits, memory: memory(limits.memory, by) } } : {}),
    },
    replicas: {
      stable: Math.max(Math.min(2, replicas.stable), Math.ceil(replicas.stable / by)),
      canary: Math.ceil(replicas.canary / by),
    },
  };
}

const cpu = (text: string, by: number): string =>
  `${Math.ceil(1000 * Math.max(parseQuantity(small.cpu), parseQuantity(text) / by))}m`;

const memory = (text: string, by: number): string =>
  `${Math.ceil(Math.max(parseQuantity(small.memory), parseQuantity(text) / by) / 2 ** 20)}Mi`;

/** What the namespace of a system has to have room for: both tracks as large as they get, each with a pod more in a change. */
export function quotaFor(http: HttpSystem | undefined): { cpu: string; memory: string; pods: number } {
  const least = { cpu: "4", memory: "4Gi", pods: 40 };
  if (!http) return least;
  const { replicas, autoscaling, pod } = http;
  const pods = (autoscaling?.maxReplicas ?? replicas.stable) + Math.max(replicas.stable, replicas.canary) + 2;
  const [cores, bytes] = [pods * parseQuantity(pod.resources.cpu), pods * parseQuantity(pod.resources.memory)];
  return {
    cpu: cores > parseQuantity(least.cpu) ? String(Math.ceil(cores)) : least.cpu,
    memory: bytes > parseQuantity(least.memory) ? `${Math.ceil(bytes / 2 ** 30)}Gi` : least.memory,
    pods: Math.max(least.pods, pods),
  };
}
