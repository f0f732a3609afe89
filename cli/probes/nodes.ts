import { z } from "zod";
import type { NodeCapacity, Resources } from "../../rollout/arithmetic/capacity.ts";
import { parseQuantity } from "../../rollout/arithmetic/quantity.ts";
import type { Capacity } from "../../rollout/plan/model.ts";
import { CliError } from "../output.ts";
import type { Measured, Probe, Target } from "./model.ts";

const nodeList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string() }),
      spec: z.object({ unschedulable: z.boolean().optional() }).default({}),
      status: z.object({
        capacity: z.object({ cpu: z.string(), memory: z.string() }),
        allocatable: z.object({ cpu: z.string(), memory: z.string() }),
        nodeInfo: z.object({ kubeletVersion: z.string() }),
        conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]),
      }),
    }),
  ),
});

export interface SeenNode extends NodeCapacity {
  /** As the machine has it, before what the system keeps for itself. */
  readonly whole: Resources;
  readonly version: string;
}

/** Nodes that take pods now; one that is down or being emptied is none. */
export function usableNodes(list: unknown): SeenNode[] {
  return nodeList.parse(list).items.flatMap(({ metadata, spec, status: { capacity, allocatable, ...status } }) => {
    const isReady = status.conditions.some((one) => one.type === "Ready" && one.status === "True");
    if (!isReady || spec.unschedulable) return [];
    const resources = (of: typeof capacity): Resources => ({
      cpu: parseQuantity(of.cpu),
      memory: parseQuantity(of.memory),
    });
    const version = status.nodeInfo.kubeletVersion;
    return [{ name: metadata.name, ...resources(allocatable), whole: resources(capacity), version }];
  });
}

export async function readNodes({ api }: Target): Promise<SeenNode[]> {
  return usableNodes(await api.get("/api/v1/nodes"));
}

const oldest = 28;

/** Enough nodes, each new enough. */
export function judgeCount(nodes: readonly SeenNode[], { nodes: wanted }: Capacity): Measured {
  const needed = wanted?.atLeast ?? 1;
  const old = nodes.filter(({ version }) => !isNewEnough(version));
  const versions = nodes.map(({ name, version }) => [name, version] as const);
  return {
    holds: nodes.length >= needed && old.length === 0,
    said: `${nodes.length} nodes take pods, needed are ${needed}; ${old.length} run Kubernetes before 1.${oldest}`,
    figures: Object.fromEntries(versions),
  };
}

function isNewEnough(version: string): boolean {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= oldest);
}

/** Every node as large as the plan asks for. */
export function judgeSize(nodes: readonly SeenNode[], { nodes: wanted }: Capacity): Measured {
  const { cores = 0, memoryGB = 0 } = wanted ?? {};
  const small = nodes.filter(({ whole }) => whole.cpu < cores || whole.memory < memoryGB * 1e9);
  const sizes = nodes.map(({ name, whole }) => [name, `${whole.cpu} cores, ${gb(whole.memory)} GB`] as const);
  return {
    holds: nodes.length > 0 && small.length === 0,
    said: `${small.length} of ${nodes.length} nodes have less than ${cores} cores or ${memoryGB} GB`,
    figures: Object.fromEntries(sizes),
  };
}

const gb = (bytes: number): number => Number((bytes / 1e9).toFixed(1));

const ofPlan = ({ capacity, system }: Target["plan"]): Capacity => {
  if (capacity.nodes) return capacity;
  throw new CliError(`the plan of ${system} says nothing about nodes, so there is nothing to hold them against`);
};

const counted = ["WDBX-INF-01"];
const sized = ["WDBX-INF-02"];

export const nodeCount: Probe = {
  id: "nodes",
  what: "enough nodes that are ready, with a Kubernetes that is new enough",
  items: counted,
  measure: async (target) => [{ items: counted, ...judgeCount(await readNodes(target), ofPlan(target.plan)) }],
};

export const nodeSize: Probe = {
  id: "node-size",
  what: "cores and memory of every node",
  items: sized,
  measure: async (target) => [{ items: sized, ...judgeSize(await readNodes(target), ofPlan(target.plan)) }],
};
