import type { ClusterRequest } from "./settings.ts";

export type Parameters = Readonly<Record<string, string | number>>;

const between = (low: number, value: number, high: number): number => Math.max(low, Math.min(high, Math.floor(value)));

/** A connection costs some 5 MiB; a quarter of the memory is the buffers', a quarter the connections'. */
const connections = (memoryMiB: number): number => between(25, memoryMiB / 20, 500);

/** What every member may keep of WAL for one that is away: beside the data it must leave a tenth of the volume free. */
export const walKeptMiB = ({ volumeMiB, dataMiB }: Pick<ClusterRequest, "volumeMiB" | "dataMiB">): number =>
  between(0, (volumeMiB * 0.9 - dataMiB) / 2, 16_384);

/** The server's parameters as far as they follow from what a member is given. */
export function parametersOf(request: ClusterRequest): Parameters {
  const { memoryMiB, cpuMillis, members } = request;
  const cores = Math.max(1, Math.floor(cpuMillis / 1000));
  const maxConnections = connections(memoryMiB);
  const senders = members * 2 + 4; // every member, one of a base backup, and some for standbys elsewhere
  const walKept = walKeptMiB(request);
  return {
    max_connections: maxConnections,
    shared_buffers: `${between(32, memoryMiB / 4, 65_536)}MB`,
    effective_cache_size: `${between(64, (memoryMiB * 3) / 4, 262_144)}MB`,
    work_mem: `${between(1, memoryMiB / 4 / maxConnections, 256)}MB`,
    maintenance_work_mem: `${between(16, memoryMiB / 16, 2048)}MB`,
    max_worker_processes: Math.max(8, cores * 2),
    max_parallel_workers: Math.max(2, cores),
    max_wal_senders: senders,
    max_replication_slots: senders,
    max_wal_size: `${between(64, walKept / 2, 8192)}MB`,
    wal_keep_size: `${between(64, walKept / 4, 2048)}MB`,
    max_slot_wal_keep_size: `${walKept}MB`,
    wal_level: "logical",
    wal_log_hints: "on",
    hot_standby: "on",
    password_encryption: "scram-sha-256",
    jit: "off",
    log_connections: "on",
    log_min_duration_statement: 1000,
    // Before a fifth of a large table is dead, as the server's own default would have it.
    autovacuum_vacuum_scale_factor: 0.05,
    autovacuum_analyze_scale_factor: 0.02,
  };
}

/** Read when a server starts and never again; a change of any other is taken up by those that run. */
const readAtStart = new Set([
  "archive_mode",
  "hot_standby",
  "max_connections",
  "max_replication_slots",
  "max_wal_senders",
  "max_worker_processes",
  "shared_buffers",
  "wal_level",
  "wal_log_hints",
]);
export const parametersReadAtStart = (parameters: Parameters): Parameters =>
  Object.fromEntries(Object.entries(parameters).filter(([name]) => readAtStart.has(name)));
