import { toApiServer } from "../../../components/egress.ts";
import { opensTo } from "../../../components/postgres/backup-stores.ts";
import type { MigrationArgs } from "../../../components/postgres/migration.ts";
import type { SystemNamespaceArgs } from "../../../components/system-namespace.ts";
import type { DatabaseConfig } from "../../../rollout/config/model.ts";
import { defaultReadiness, defaultTimings } from "../../../rollout/postgres/settings.ts";

const members = 3;
/** In the night of Sunday whole, in the others what has changed; each is tried three hours later. */
const schedule = { full: "0 1 * * 0", differential: "0 1 * * 1-6", verification: "0 4 * * *" };

const shrunk = (value: number, by: number, least: number): number => Math.max(least, Math.ceil(value / by));

/** What one member of either cluster has, so many times smaller. */
const sizeAt = (by: number) => ({
  dataMiB: shrunk(100_000, by, 200),
  volumeMiB: shrunk(250_000, by, 1024),
  memoryMiB: shrunk(16_384, by, 384),
  cpuMillis: shrunk(4000, by, 100),
});

/** Both clusters of a migration, whatever they run. */
export function databaseAt(by: number, { certificate, bucket }: DatabaseConfig): MigrationArgs["cluster"] {
  const size = sizeAt(by);
  return {
    ...size,
    members,
    durability: "quorum",
    timings: defaultTimings,
    readiness: defaultReadiness,
    postgresVersion: 17,
    hostAliases: [],
    clients: ["10.0.0.0/8"],
    tlsSecret: certificate,
    // The platform closes the namespace, and opens it to the bucket.
    backups: { keptFull: 2, schedule, ...(bucket ? { bucket, isReached: true } : { volumeMiB: 3 * size.volumeMiB }) },
  };
}

/** What the database's namespace has to be opened to. */
export const databaseOpens = ({ bucket }: DatabaseConfig): SystemNamespaceArgs["opens"] => ({
  // Members settle by the API server who leads.
  "allow-api-server": { podSelector: {}, policyTypes: ["Egress"], egress: [toApiServer] },
  ...(bucket && { "allow-bucket": opensTo(bucket) }),
});

/** Room for two clusters, their pools, and whatever is backed up and tried beside them. */
export function databaseQuota(by: number): { cpu: string; memory: string; pods: number } {
  const { memoryMiB, cpuMillis } = sizeAt(by);
  const pods = 2 * members;
  const [cpu, memory] = [pods * (cpuMillis + 30) + 1000, pods * (memoryMiB + 112) + 2048];
  return { cpu: String(Math.ceil(cpu / 1000)), memory: `${Math.ceil(memory / 1024)}Gi`, pods: 40 };
}
