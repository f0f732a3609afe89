import { postgresPort } from "./patroni.ts";
import type { ClusterRequest } from "./settings.ts";

/** One of two clusters with the same data. */
export type Half = Pick<ClusterRequest, "scope" | "members">;

/** Two clusters with the same data in one namespace: one leads, the other follows it and can take over. */
export interface Pair {
  readonly namespace: string;
  readonly clusters: readonly [Half, Half];
  /** The scope of the one that leads. */
  readonly leads: string;
}

/** Why two clusters can't be a pair. */
export function pairRefusals({ clusters: [one, other], leads }: Pair): string[] {
  const found: string[] = [];
  if (one.scope === other.scope) found.push(`clusters: ${one.scope} can't follow itself; give the other its own scope`);
  if (leads !== one.scope && leads !== other.scope) {
    found.push(`leads: got "${leads}", allowed are ${one.scope} and ${other.scope}`);
  }
  return found;
}

type Versioned = Pick<ClusterRequest, "scope" | "namespace" | "postgresVersion">;

/** Why a cluster can't follow the other of its pair, nor be followed by it, as far as the other is declared yet. */
export function versionsInPair(
  one: Versioned,
  { clusters, namespace }: Pair,
  declared: readonly Versioned[],
): string[] {
  const isOther = (each: Versioned): boolean =>
    each.namespace === namespace && each.scope !== one.scope && clusters.some(({ scope }) => scope === each.scope);
  const other = declared.find(isOther);
  if (!other || other.postgresVersion === one.postgresVersion) return [];
  return [
    `postgresVersion: ${one.scope} is to have ${one.postgresVersion} and ${other.scope} has ${other.postgresVersion}; ` +
      "the WAL of one major version is nothing to another, so neither can follow the other: " +
      "give both the same, or move the data by a dump or by logical replication, without lead",
  ];
}

export function halvesOf({ clusters: [one, other], leads }: Pair): {
  readonly leading: Half;
  readonly following: Half;
} {
  return one.scope === leads ? { leading: one, following: other } : { leading: other, following: one };
}

/** The slot in which the one that leads keeps the WAL that the other still needs. */
const slotOf = (scope: string): string => scope.replaceAll("-", "_");

/** What a member is called, by the name that it is found under. */
export const memberName = (host: string): string => host.split(".")[0]!;

export const memberHosts = ({ scope, members }: Half, namespace: string): string[] =>
  Array.from({ length: members }, (_, index) => `${scope}-${index}.${scope}.${namespace}.svc`);

/** What the members of a cluster agree on, as one that leads the other or follows it; nothing else of it changes. */
export function agreedInPair(agreed: object, scope: string, pair: Pair): object {
  const { standby_cluster: _followed, slots: _kept, ...rest } = agreed as Record<string, unknown>;
  const { leading, following } = halvesOf(pair);
  if (scope === leading.scope) return { ...rest, slots: { [slotOf(following.scope)]: { type: "physical" } } };
  const followed = {
    // All members, so that the one is found that takes writes, whatever a Service says.
    host: memberHosts(leading, pair.namespace).join(","),
    port: postgresPort,
    primary_slot_name: slotOf(scope),
    create_replica_methods: ["basebackup"],
  };
  return { ...rest, standby_cluster: followed };
}

/** A new leader doesn't know at first whom to wait for; until it does, a row counts when anybody else has it too. */
export function agreedAtPromotion(agreed: object): object {
  const isQuorum = "synchronous_mode" in agreed && agreed.synchronous_mode === "quorum";
  return isQuorum ? { ...agreed, synchronous_mode_strict: true } : agreed;
}

export const isToldToFollow = (agreed: object): boolean => "standby_cluster" in agreed;
