import { capacityProbe } from "./capacity.ts";
import type { Probe } from "./model.ts";
import { nodeCount, nodeSize } from "./nodes.ts";
import { podsProbe } from "./pods.ts";

export const probes: readonly Probe[] = [nodeCount, nodeSize, capacityProbe, podsProbe];

export const probeFor = (item: string): Probe | undefined => probes.find(({ items }) => items.includes(item));
