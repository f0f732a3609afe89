import { createHash } from "node:crypto";
import type { CohortQuestion, Node } from "./cohort.ts";

export interface Place {
  node: Node;
  /** How many nodes of its datacenter stand before it. */
  turn: number;
  why: string;
}

/**
 * The order in which nodes get their turn; a cohort is a beginning of it, so more percent can only add nodes. First one
 * node of every datacenter, then a second one up to `atMost`, then the strata in step: at any point each has given about
 * the same share of its nodes. Inside a stratum a hash of the name decides, which nobody chose.
 */
export function lineUp(nodes: readonly Node[], { salt, stratifyBy, perDatacenter }: CohortQuestion): Place[] {
  const scoreOf = new Map(nodes.map(({ name }) => [name, score(salt, name)]));
  const strata = groupBy(nodes, (node) => stratifyBy.map((field) => node[field] ?? "any").join("/") || "all");
  const places: (Omit<Place, "turn"> & { key: number; tie: string })[] = [];
  for (const [stratum, members] of strata) {
    const ordered = members.sort((a, b) => (scoreOf.get(a.name)! < scoreOf.get(b.name)! ? -1 : 1));
    for (const [rank, node] of ordered.entries()) {
      const why = `${rank + 1} of ${ordered.length} in ${stratum}`;
      places.push({ node, why, key: (rank + 0.5) / ordered.length, tie: scoreOf.get(node.name)! });
    }
  }
  places.sort((a, b) => a.key - b.key || (a.tie < b.tie ? -1 : 1));
  const turns = new Map<string, number>();
  const line = places.map(({ node, why }) => {
    const turn = turns.get(node.datacenter) ?? 0;
    turns.set(node.datacenter, turn + 1);
    const early = turn < perDatacenter.atMost;
    return { node, turn, early, why: early ? `number ${turn + 1} of ${node.datacenter}` : why };
  });
  // Sorting is stable: within one turn, and among all later ones, the order above stays.
  return line
    .sort((a, b) => Math.min(a.turn, perDatacenter.atMost) - Math.min(b.turn, perDatacenter.atMost))
    .map(({ node, turn, why }) => ({ node, turn, why }));
}

const score = (salt: string, name: string): string =>
  createHash("sha256").update(`${salt.length}:${salt}:${name}`, "utf8").digest("hex");

function groupBy(nodes: readonly Node[], keyOf: (node: Node) => string): Map<string, Node[]> {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) groups.set(keyOf(node), [...(groups.get(keyOf(node)) ?? []), node]);
  return groups;
}
