import type { Phase } from "../plan/model.ts";
import { type Half, memberHosts } from "./pair.ts";
import { postgresPort, tlsFolder } from "./patroni.ts";
import type { ClusterRequest } from "./settings.ts";
import { wayBackHours } from "./way-back.ts";

/** What is tried at a phase, each by a job that the update waits for. */
export const trials = ["snapshot", "restore", "final-backup", "validation"] as const;
export type Trial = (typeof trials)[number];

/** What one cluster is tried for, anew in each attempt. */
export interface Tried {
  readonly trials: readonly Trial[];
  readonly attempt: number;
}

/** What a phase of a migration from one cluster to another declares; the components do the rest. */
export interface Declared {
  readonly leads: "old" | "new";
  /** The new cluster is there: it follows the old one unless it leads. */
  readonly hasNew: boolean;
  readonly trials: readonly Trial[];
}

/** The steps of a plan, by the trial that they ask for. */
const asked: Readonly<Record<string, Trial>> = {
  snapshot: "snapshot",
  "verify-backup": "snapshot",
  "restore-to-staging": "restore",
  "final-backup": "final-backup",
  validate: "validation",
};

const has = ({ steps = [] }: Phase, id: string): boolean => steps.some((step) => step.id === id);

/** Where an attempt stands. */
export interface Standing {
  readonly name: string;
  /** Somebody is let to the new cluster here, and no abort has taken that back. */
  readonly isExposed: boolean;
  /** The new cluster is there from the try before, and goes on following. */
  readonly isRetry: boolean;
}

/**
 * With the step `deploy` the new cluster comes, with the first users it leads. Writes are fenced while the lead goes over,
 * for some seconds, and at no other time.
 */
export function declaredAt(phases: readonly Phase[], { name, isExposed, isRetry }: Standing): Declared {
  const index = phases.findIndex((phase) => phase.name === name);
  const steps = phases[index]?.steps ?? [];
  return {
    leads: isExposed ? "new" : "old",
    hasNew: isRetry || phases.slice(0, index + 1).some((phase) => has(phase, "deploy")),
    // What leads is what is backed up; once that is the new one, it has a first backup of its own.
    trials: isExposed ? [] : trials.filter((trial) => steps.some(({ id }) => asked[id] === trial)),
  };
}

/** A cluster's name follows from what it runs, so that nobody has to remember which of the two is the old one. */
export const scopeOf = (image: string): string => `pg-${image.replace(/^.*@sha256:/, "").slice(0, 8)}`;

/** In a rehearsal the days of a plan go by faster, and so do those of the way back. */
export const wayBackHoursAt = (timeScale: number): number => wayBackHours / timeScale;

/** So often a change of the schema may come in between before the two count as different. */
const comparisons = 5;

/**
 * Waits until a cluster streams from the one that leads, compares roles, extensions and all else that isn't rows with what
 * the leading one has, and reads each row, large objects among them.
 */
export function readEverything(request: ClusterRequest, leading: Half): string {
  const at = (half: Half, more = ""): string =>
    `host=${memberHosts(half, request.namespace).join(",")} port=${postgresPort} user=postgres dbname=postgres ` +
    `sslmode=verify-full sslrootcert=${tlsFolder}/ca.crt${more}`;
  const [there, old] = [at(request), at(leading, " target_session_attrs=read-write")];
  const ask = (where: string): string => `psql "${where}" --no-align --tuples-only --command`;
  // Otherwise each dump has a key of its own in it.
  const schema = (where: string): string => `pg_dumpall --dbname="${where}" --schema-only --restrict-key=compared`;
  return [
    `until [ "$(${ask(there)} 'select status from pg_stat_wal_receiver')" = streaming ]; do ${ask(there)} 'select pg_sleep(1)'; done`,
    `left=${comparisons}`,
    "while :; do",
    `${schema(old)} > /tmp/old`,
    `end=$(${ask(old)} 'select pg_current_wal_lsn()')`,
    `until [ "$(${ask(there)} "select pg_last_wal_replay_lsn() >= '$end'")" = t ]; do ${ask(there)} 'select pg_sleep(0.2)'; done`,
    `${schema(there)} > /tmp/new`,
    `if python3 -c '${compare}'; then break; fi`,
    "left=$((left - 1))",
    '[ "$left" -gt 0 ]',
    "done",
    `pg_dumpall --dbname="${there}" > /dev/null`,
  ].join("\n");
}

/** Says what differs. */
const compare = [
  "import difflib, sys",
  'old, new = (open(name).read().splitlines() for name in ("/tmp/old", "/tmp/new"))',
  'found = list(difflib.unified_diff(old, new, "old", "new", n=0, lineterm=""))',
  "print(*found[:40], sep=chr(10))",
  "sys.exit(len(found) > 0)",
].join("; ");
