import { type Bucket, bucketOptions, bucketRefusals } from "./bucket.ts";
import { memberHosts } from "./pair.ts";
import { type Parameters, parametersOf, parametersReadAtStart } from "./parameters.ts";
import { postgresPort, tlsFolder } from "./patroni.ts";
import type { ClusterRequest } from "./settings.ts";

/** How a cluster's backups are kept, behind a server that members send their WAL to: on a volume or in a bucket. */
export type BackupRequest = Kept & (OnVolume | InBucket);

interface OnVolume {
  readonly volumeMiB: number;
  readonly bucket?: undefined;
}
interface InBucket {
  readonly bucket: Bucket;
  /** Whoever closes the namespace lets those who hold backups reach the bucket; otherwise a policy of their own does. */
  readonly isReached?: boolean;
  readonly volumeMiB?: undefined;
}
interface Kept {
  /** Full backups that are kept; what only older ones need goes. */
  readonly keptFull: number;
  /** When full backups are made, when what has changed since, and when a restore is tried; as cron has it, in UTC. */
  readonly schedule: { readonly full: string; readonly differential: string; readonly verification: string };
}

export const backupPort = 8432;
const cipher = "aes-256-cbc";
export const backupFolder = "/backups";
export const dataFolder = "/pgdata/data";
/** Where pgBackRest looks for what it is told. */
export const configFolder = "/etc/pgbackrest";
/** The name in the certificates of members and of the backups' server, by which they know each other. */
export const certificateName = "postgres";

const [cert, key, ca] = ["tls.crt", "tls.key", "ca.crt"].map((file) => `${tlsFolder}/${file}`);

type Section = Readonly<Record<string, string | number>>;
const text = (sections: Readonly<Record<string, Section>>): string =>
  Object.entries(sections)
    .flatMap(([name, section]) => [`[${name}]`, ...Object.entries(section).map(([key, value]) => `${key}=${value}`)])
    .join("\n")
    .concat("\n");

/** What is the same wherever pgBackRest runs: it answers nobody but who has a certificate of the cluster. */
const server = (scope: string): Section => ({
  "tls-server-address": "0.0.0.0",
  "tls-server-port": backupPort,
  "tls-server-cert-file": cert!,
  "tls-server-key-file": key!,
  "tls-server-ca-file": ca!,
  "tls-server-auth": `${certificateName}=${scope}`,
  "log-level-file": "off",
  "log-level-console": "info",
  "lock-path": "/tmp/pgbackrest",
});

const remote = (prefix: string, host: string): Section => ({
  [`${prefix}-host`]: host,
  [`${prefix}-host-type`]: "tls",
  [`${prefix}-host-port`]: backupPort,
  [`${prefix}-host-cert-file`]: cert!,
  [`${prefix}-host-key-file`]: key!,
  [`${prefix}-host-ca-file`]: ca!,
});

/** In the objects of a cluster's backups, and the account of their pods. */
export const keeperName = (scope: string): string => `${scope}-backup`;
export const backupHost = (scope: string, namespace: string): string => `${keeperName(scope)}.${namespace}.svc`;

/** For a member: where its WAL goes and backups come from. */
export const memberBackups = ({ scope, namespace }: Pick<ClusterRequest, "scope" | "namespace">): string =>
  text({
    global: { ...remote("repo1", backupHost(scope, namespace)), ...server(scope) },
    [scope]: { "pg1-path": dataFolder, "pg1-socket-path": "/run/postgresql" },
  });

/** For the one who keeps the backups and makes them, from a member that follows if one does. */
export function keeperBackups({ scope, namespace, members }: ClusterRequest, kept: BackupRequest): string {
  const each = memberHosts({ scope, members }, namespace).map((host, index) => ({
    ...remote(`pg${index + 1}`, host),
    [`pg${index + 1}-path`]: dataFolder,
    [`pg${index + 1}-socket-path`]: "/run/postgresql",
  }));
  return text({
    global: {
      ...server(scope),
      ...(kept.bucket ? bucketOptions(kept.bucket, { scope }, configFolder) : { "repo1-path": backupFolder }),
      "repo1-retention-full": kept.keptFull,
      "repo1-bundle": "y",
      "repo1-cipher-type": cipher,
      "backup-standby": "prefer",
      "compress-type": "zst",
      "start-fast": "y",
    },
    [scope]: Object.assign({}, ...each),
  });
}

/** Each segment of WAL goes to the keeper once it is full, and at the latest after a minute. */
export const archiving = (scope: string): Parameters => ({
  archive_mode: "on",
  archive_command: `pgbackrest --stanza=${scope} archive-push %p`,
  archive_timeout: "60s",
});

/** Why backups can't be kept as asked. */
export function backupRefusals(request: ClusterRequest, { volumeMiB, bucket, keptFull }: BackupRequest): string[] {
  const found = bucket ? bucketRefusals(bucket) : [];
  if (!Number.isInteger(keptFull) || keptFull < 1) found.push(`keptFull: got ${keptFull}, at least 1 is needed`);
  const needed = request.dataMiB * 3;
  if (volumeMiB !== undefined && volumeMiB < needed) {
    found.push(
      `backups.volumeMiB: got ${volumeMiB}, at least ${needed} is needed, three times ${request.dataMiB} MiB of data`,
    );
  }
  return found;
}

const timeWithZone = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?$/;

/** Why a cluster can't begin with what another one was. */
export function restoreRefusals(
  { scope }: Pick<ClusterRequest, "scope">,
  restore: { readonly scope: string; readonly asOf: string },
): string[] {
  const found: string[] = [];
  if (restore.scope === scope) {
    found.push(`restore: ${scope} can't be restored into itself; give the new cluster a scope of its own`);
  }
  return [...found, ...timeRefusals("restore.asOf", restore.asOf)];
}

/** Why a time isn't one that PostgreSQL and everybody else take to be the same. */
export const timeRefusals = (key: string, time: string): string[] =>
  timeWithZone.test(time)
    ? []
    : [`${key}: got "${time}", allowed is a time with its zone, such as 2026-11-21 10:00:00+00`];

/** For whoever restores: the backups of a cluster, asked of their keeper. */
export const restoredBackups = ({ scope, namespace }: Pick<ClusterRequest, "scope" | "namespace">): string =>
  text({
    global: {
      ...remote("repo1", backupHost(scope, namespace)),
      "log-level-file": "off",
      "log-level-console": "info",
      "lock-path": "/tmp/pgbackrest",
    },
    [scope]: { "pg1-path": dataFolder },
  });

const from = (scope: string): string => `pgbackrest --config=${configFolder}/restored.conf --stanza=${scope}`;
const restoreFrom = (scope: string): string => `${from(scope)} --target-action=promote`;

/** As Patroni runs it on the first member of a new cluster, without a shell. */
export const restoreAsOf = (scope: string, time: string): string =>
  `${restoreFrom(scope)} --type=time "--target=${time}" restore`;

export const takeBackup = (scope: string, type: "full" | "diff"): string =>
  `pgbackrest --stanza=${scope} --type=${type} backup`;

/** A segment of WAL has to arrive before the first backup is made. */
export const proveArchive = (scope: string): string =>
  [`pgbackrest --stanza=${scope} stanza-create`, `pgbackrest --stanza=${scope} check`, takeBackup(scope, "full")].join(
    "\n",
  );

/** A server on restored data: beside the parameters without which it refuses to start, only what it is told here. */
function serverOptions(request: ClusterRequest, own: Parameters): string {
  const { shared_buffers, ...asStrict } = parametersReadAtStart(parametersOf(request));
  // No member follows this server, so none can be waited for.
  const alone = { archive_mode: "off", unix_socket_directories: "/tmp", synchronous_standby_names: "" };
  return Object.entries({ ...asStrict, ...alone, shared_buffers: "64MB", ...own })
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(" ");
}

const makeDataFolder = `python3 -c 'import os; os.mkdir("${dataFolder}", 0o700)'`;
// Two dollars in a row would get to the shell as one: that is how a pod's command names a variable it doesn't mean.
const client = "--host=/tmp --username=postgres";

/** Under this name a backup says when it was last restored and read; in seconds. */
const verifiedNote = "verified";

/**
 * Restores the latest backup to a server that nobody can reach, reads every table and every index, and notes with the
 * backup that it could be done. The note is encrypted as the backup is; the passphrase is the one of the environment.
 */
export function verifyRestore(request: ClusterRequest): string {
  const server = serverOptions(request, { ssl: "off", listen_addresses: "" });
  const source = from(request.scope);
  const lastOf = 'import json, sys; print(json.load(sys.stdin)[0]["backup"][-1]["label"])';
  return [
    makeDataFolder,
    `label=\`${source} --output=json --log-level-console=off info | python3 -c '${lastOf}'\``,
    `${restoreFrom(request.scope)} --set="$label" --type=immediate --archive-mode=off restore`,
    `pg_ctl --pgdata=${dataFolder} --wait --timeout=3600 --options='${server}' --log=/tmp/server.log start`,
    `psql ${client} --command='do $wait$ begin while pg_is_in_recovery() loop perform pg_sleep(0.2); end loop; end $wait$'`,
    `pg_amcheck ${client} --all --install-missing --heapallindexed`,
    "now=`python3 -c 'import time; print(int(time.time()))'`",
    `${source} --repo1-cipher-type=${cipher} --set="$label" --annotation=${verifiedNote}="$now" annotate`,
  ].join("\n");
}

/** In a pod's environment: the time as of which it restores. */
export const asOfVariable = "AS_OF";

/** Restores what was at that time, and serves it to whoever has a password of that time. */
export function serveRestored(request: ClusterRequest): string {
  return [
    makeDataFolder,
    `${restoreFrom(request.scope)} --type=time "--target=$${asOfVariable}" --archive-mode=off restore`,
    `exec postgres -D ${dataFolder} ${serverOptions(request, { listen_addresses: "0.0.0.0", port: postgresPort })}`,
  ].join("\n");
}

/** Ends well once the restored server is through with its recovery and takes queries. */
export const isRestored = `test "\`psql ${client} --no-align --tuples-only --command='select pg_is_in_recovery()'\`" = f`;
