import { database, postgresPort } from "./patroni.ts";
import type { ClusterRequest } from "./settings.ts";

/** One of two clusters with the same data. */
export type Half = Pick<ClusterRequest, "scope" | "members" | "postgresVersion">;

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
  if (one.postgresVersion > other.postgresVersion) {
    found.push(
      `clusters: ${one.scope} comes first and has ${one.postgresVersion}, ${other.scope} has ${other.postgresVersion}; ` +
        "an older version can't take over what a newer one has",
    );
  }
  return found;
}

/** The WAL of one major version is nothing to another: then rows are sent, not WAL. */
export const isLogical = ({ clusters: [one, other] }: Pick<Pair, "clusters">): boolean =>
  one.postgresVersion !== other.postgresVersion;

/** The Services of either cluster by which clients find the one that leads: where rows are sent, the other lets nobody in. */
export const routesOf = (pair: Pair): readonly ("primary" | "replica")[] =>
  isLogical(pair) ? ["primary", "replica"] : ["primary"];

/** Why a cluster can't be the one that its pair says it is. */
export function halfRefusals({ scope, postgresVersion }: Half, { clusters }: Pair): string[] {
  const half = clusters.find((each) => each.scope === scope);
  if (!half) return [`lead: it is between ${clusters.map((each) => each.scope).join(" and ")}, and this is ${scope}`];
  if (half.postgresVersion === postgresVersion) return [];
  return [`postgresVersion: got ${postgresVersion}, and to its lead ${scope} has ${half.postgresVersion}`];
}

export function halvesOf({ clusters: [one, other], leads }: Pair): {
  readonly leading: Half;
  readonly following: Half;
} {
  return one.scope === leads ? { leading: one, following: other } : { leading: other, following: one };
}

/** The slot in which the one that leads keeps the WAL that the other still needs. */
export const slotOf = (scope: string): string => scope.replaceAll("-", "_");

/** What a member is called, by the name that it is found under. */
export const memberName = (host: string): string => host.split(".")[0]!;

export const memberHosts = ({ scope, members }: Pick<Half, "scope" | "members">, namespace: string): string[] =>
  Array.from({ length: members }, (_, index) => `${scope}-${index}.${scope}.${namespace}.svc`);

/** What the members of a cluster agree on, as one that leads the other or follows it; nothing else of it changes. */
export function agreedInPair(agreed: object, scope: string, pair: Pair): object {
  const {
    standby_cluster: _followed,
    slots: _kept,
    ignore_slots: _ignored,
    ...rest
  } = agreed as Record<string, unknown>;
  const { leading, following } = halvesOf(pair);
  if (isLogical(pair)) return scope === leading.scope ? { ...rest, ...sendsRowsTo(following) } : rest;
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

/** The slot outlives each leader; those beside it, of tables that are copied, aren't Patroni's to clear away. */
function sendsRowsTo({ scope }: Half): object {
  const rows = { type: "logical", database, plugin: "pgoutput" };
  return { slots: { [slotOf(scope)]: rows }, ignore_slots: [rows] };
}

/** A new leader doesn't know at first whom to wait for; until it does, a row counts when anybody else has it too. */
export function agreedAtPromotion(agreed: object): object {
  return isQuorum(agreed) ? { ...agreed, synchronous_mode_strict: true } : agreed;
}

export const isQuorum = (agreed: object): boolean =>
  "synchronous_mode" in agreed && agreed.synchronous_mode === "quorum";
export const isToldToFollow = (agreed: object): boolean => "standby_cluster" in agreed;
