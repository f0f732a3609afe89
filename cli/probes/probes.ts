import { alertsProbe } from "./alerts.ts";
import { capacityProbe } from "./capacity.ts";
import { baselineProbe, figuresProbe } from "./figures.ts";
import { loadProbe } from "./load.ts";
import type { Probe } from "./model.ts";
import { nodeCount, nodeSize } from "./nodes.ts";
import { podsProbe } from "./pods.ts";
import { quietProbe } from "./quiet.ts";
import { rollbackProbe } from "./rollback.ts";
import { tlsProbe } from "./tls.ts";

export const probes: readonly Probe[] = [
  ...[nodeCount, nodeSize, capacityProbe, podsProbe],
  ...[baselineProbe, figuresProbe, quietProbe],
  ...[tlsProbe, alertsProbe, rollbackProbe, loadProbe],
];

export const probeFor = (item: string): Probe | undefined => probes.find(({ items }) => items.includes(item));
