import { lineUp, type Place } from "./line-up.ts";

export interface Node {
  name: string;
  datacenter: string;
  criticality: "low" | "medium" | "high";
  /** Kind of workload, where the plan asks for a mix. */
  workload?: string;
  peakTraffic?: boolean;
  /** The largest virtual machine on it. */
  vmMemoryGB?: number;
}

export interface CohortQuestion {
  nodes: readonly Node[];
  /** Percent of all nodes, with those that may not take part. */
  percent: number;
  /** Keeps one rollout's order apart from another's: the flag, or the system. */
  salt: string;
  stratifyBy: readonly ("datacenter" | "criticality" | "workload")[];
  /** The first so many nodes come from every datacenter, even beyond the percent; up to `atMost`, before all others. */
  perDatacenter: { atLeast: number; atMost: number };
  excluded: readonly string[];
  filter?: { criticality: readonly string[]; maxVmMemoryGB?: number; peakTraffic: boolean };
  /** Who is in now; they stay as long as they may, so that the loss of one node doesn't move others. */
  current?: readonly string[];
}

export interface Cohort {
  members: string[];
  /** For every node, why it is in or out. */
  why: Record<string, string>;
  /** How the number came about, in one sentence. */
  rounding: string;
  /** How many nodes the percent asks for beyond those that may take part; 0 if there are enough. */
  short: number;
}

/** Which nodes get the new version. The same question has the same answer everywhere; see docs/bucketing.md. */
export function chooseCohort(question: CohortQuestion): Cohort {
  const { nodes, percent, excluded, perDatacenter, current = [] } = question;
  const doubled = nodes.find(({ name }, index) => nodes.findIndex((other) => other.name === name) !== index);
  if (doubled) throw new RangeError(`the node ${doubled.name} is listed twice`);
  if (!(percent >= 0 && percent <= 100)) throw new RangeError(`${percent} % is not between 0 and 100`);

  const why: Record<string, string> = {};
  const eligible = nodes.filter((node) => {
    const reason = excluded.includes(node.name) ? "excluded by the config" : ineligible(node, question.filter);
    if (reason) why[node.name] = `out: ${reason}`;
    return !reason;
  });
  const line = lineUp(eligible, question);
  const share = exact((percent / 100) * nodes.length);
  const spread = percent === 0 ? 0 : line.filter(({ turn }) => turn < perDatacenter.atLeast).length;
  const room = Math.max(Math.floor(share), spread);
  // Rounding up is for those who are in already: otherwise a node lost elsewhere would throw one of them out.
  const staying = line.filter(({ node }) => current.includes(node.name));
  const keepable = staying.length <= Math.ceil(share) ? Math.max(staying.length, room) : room;
  const first = percent === 0 ? [] : firstOfEach(line, staying, perDatacenter.atLeast);
  const kept = [...new Set([...first, ...staying])].slice(0, keepable);
  const added = line.filter((place) => !kept.includes(place)).slice(0, Math.max(0, room - kept.length));
  const chosen = new Set([...kept, ...added]);
  for (const place of line) {
    const { name } = place.node;
    if (!chosen.has(place)) why[name] = `out: ${place.why}, beyond the ${percent} %`;
    else
      why[name] = `in: ${current.includes(name) && place.turn >= perDatacenter.atLeast ? "was in before" : place.why}`;
  }
  const members = line.filter((place) => chosen.has(place)).map(({ node }) => node.name);
  return {
    members,
    why,
    rounding: describe(question, { share, spread, eligible: eligible.length, members: members.length }),
    short: Math.max(0, Math.floor(share) - members.length),
  };
}

/** So many of every datacenter, rather those who are in already than others who stand before them. */
function firstOfEach(line: readonly Place[], staying: readonly Place[], count: number): Place[] {
  const taken = new Map<string, number>();
  return [...staying, ...line.filter((place) => !staying.includes(place))].filter(({ node }) => {
    const before = taken.get(node.datacenter) ?? 0;
    taken.set(node.datacenter, before + 1);
    return before < count;
  });
}

function ineligible(node: Node, filter: CohortQuestion["filter"]): string | undefined {
  if (!filter) return undefined;
  if (!filter.criticality.includes(node.criticality))
    return `criticality ${node.criticality}; this phase takes ${filter.criticality.join(", ")}`;
  if (node.peakTraffic && !filter.peakTraffic) return "peak traffic; this phase takes none of it";
  const { maxVmMemoryGB } = filter;
  if (maxVmMemoryGB !== undefined && (node.vmMemoryGB ?? 0) > maxVmMemoryGB) {
    return `a machine of ${node.vmMemoryGB} GB; this phase takes ${maxVmMemoryGB} GB at most`;
  }
  return undefined;
}

/** 10 % of 30 nodes are 3, whatever binary fractions make of it. */
const exact = (value: number): number => Number(value.toFixed(9));

function describe(
  { percent, nodes, perDatacenter }: CohortQuestion,
  { share, spread, eligible, members }: { share: number; spread: number; eligible: number; members: number },
): string {
  const parts = [`${percent} % of ${nodes.length} nodes are ${share}, rounded down to ${Math.floor(share)}`];
  if (spread > Math.floor(share)) parts.push(`${perDatacenter.atLeast} from every datacenter make it ${spread}`);
  if (eligible < Math.floor(share)) parts.push(`only ${eligible} may take part`);
  if (members > Math.max(Math.floor(share), spread)) parts.push(`${members} are in already and stay`);
  return parts.join("; ");
}
