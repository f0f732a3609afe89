/** Cores and bytes: what a node offers, and what one pod asks for. */
export interface Resources {
  cpu: number;
  memory: number;
}

export interface NodeCapacity extends Resources {
  name: string;
}

export interface TrackNeed extends Resources {
  track: string;
  replicas: number;
}

export interface Fit {
  fits: boolean;
  /** What is left over or missing, for people. */
  reason: string;
  /** How many pods of each track find no place; empty if all do. */
  homeless: Record<string, number>;
  /** Nodes like the largest one that would have to be added; undefined if no number of them would do. */
  nodesMissing: number | undefined;
}

/**
 * Whether all pods of both tracks find a place, each on one node, after `reservePercent` of every node is kept free. Sums
 * would lie: three nodes with 16 cores hold no more than three pods of 9 cores.
 */
export function checkCapacity(
  nodes: readonly NodeCapacity[],
  needs: readonly TrackNeed[],
  reservePercent: number,
): Fit {
  if (!(reservePercent >= 0 && reservePercent < 100)) {
    throw new RangeError(`a reserve of ${reservePercent} % is not between 0 and 100`);
  }
  const homeless = place(nodes, needs, reservePercent);
  const missing = Object.values(homeless).reduce((sum, count) => sum + count, 0);
  const wanted = needs
    .map(({ track, replicas, cpu, memory }) => `${replicas} ${track} pods of ${cpu} cores and ${gib(memory)} GiB`)
    .join(" and ");
  const offer = `${nodes.length} nodes with ${reservePercent} % kept free`;
  if (missing === 0) return { fits: true, reason: `${wanted} fit on ${offer}`, homeless: {}, nodesMissing: 0 };

  const list = Object.entries(homeless)
    .map(([track, count]) => `${count} ${track}`)
    .join(" and ");
  const nodesMissing = countMissing(nodes, needs, reservePercent, missing);
  const largest = largestOf(nodes);
  const mend =
    nodesMissing === undefined || !largest
      ? "no number of such nodes would do; take larger ones or smaller pods"
      : `${nodesMissing} more nodes like ${largest.name} (${largest.cpu} cores, ${gib(largest.memory)} GiB) would do`;
  return {
    fits: false,
    reason: `${wanted} don't fit on ${offer}: ${list} pods find no place (${scarce(nodes, needs, reservePercent)}); ${mend}`,
    homeless,
    nodesMissing,
  };
}

/** Largest pods first, each on the node where it leaves the least room: for pods of one size that's the best there is. */
function place(
  nodes: readonly NodeCapacity[],
  needs: readonly TrackNeed[],
  reservePercent: number,
): Record<string, number> {
  const usable = 1 - reservePercent / 100;
  const free = nodes.map(({ cpu, memory }) => ({ cpu: cpu * usable, memory: memory * usable }));
  const whole = {
    cpu: Math.max(1, ...nodes.map(({ cpu }) => cpu)),
    memory: Math.max(1, ...nodes.map(({ memory }) => memory)),
  };
  const size = ({ cpu, memory }: Resources): number => Math.max(cpu / whole.cpu, memory / whole.memory);
  const pods = needs
    .flatMap((need) => Array.from({ length: need.replicas }, () => need))
    .sort((a, b) => size(b) - size(a));
  const homeless: Record<string, number> = {};
  for (const pod of pods) {
    const fitting = free.filter((node) => node.cpu + tolerance >= pod.cpu && node.memory + tolerance >= pod.memory);
    const tightest = fitting.reduce<Resources | undefined>(
      (best, node) => (!best || size(node) < size(best) ? node : best),
      undefined,
    );
    if (!tightest) {
      homeless[pod.track] = (homeless[pod.track] ?? 0) + 1;
      continue;
    }
    tightest.cpu -= pod.cpu;
    tightest.memory -= pod.memory;
  }
  return homeless;
}

/** Millionths of a core or byte, lost in binary fractions. */
const tolerance = 1e-6;

const largestOf = (nodes: readonly NodeCapacity[]): NodeCapacity | undefined =>
  [...nodes].sort((a, b) => b.cpu - a.cpu || b.memory - a.memory)[0];

function countMissing(
  nodes: readonly NodeCapacity[],
  needs: readonly TrackNeed[],
  reservePercent: number,
  pods: number,
): number | undefined {
  const largest = largestOf(nodes);
  if (!largest) return undefined;
  // One more node takes at least one more pod, or none ever will.
  for (let extra = 1; extra <= pods; extra += 1) {
    const more = [...nodes, ...Array.from({ length: extra }, () => largest)];
    if (Object.keys(place(more, needs, reservePercent)).length === 0) return extra;
  }
  return undefined;
}

function scarce(nodes: readonly NodeCapacity[], needs: readonly TrackNeed[], reservePercent: number): string {
  const usable = 1 - reservePercent / 100;
  const sum = (of: (item: Resources) => number) => ({
    has: nodes.reduce((total, node) => total + of(node) * usable, 0),
    needs: needs.reduce((total, need) => total + of(need) * need.replicas, 0),
  });
  const cpu = sum((item) => item.cpu);
  const memory = sum((item) => item.memory);
  const short: string[] = [];
  if (cpu.needs > cpu.has) short.push(`${round(cpu.needs - cpu.has)} cores short`);
  if (memory.needs > memory.has) short.push(`${gib(memory.needs - memory.has)} GiB short`);
  return short.length > 0 ? short.join(", ") : "enough in sum, but not on one node";
}

const round = (value: number): number => Number(value.toFixed(2));
const gib = (bytes: number): number => round(bytes / 2 ** 30);
