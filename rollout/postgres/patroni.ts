import type { Parameters } from "./parameters.ts";
import type { ClusterRequest } from "./settings.ts";

export const postgresPort = 5432;
export const restPort = 8008;
export const tlsFolder = "/tls";
/** The application's. */
export const database = "app";
/** May have a server write out what it holds in memory, beside what its name says. */
export const flusher = "rewind";

/** Whether a write waits for another member before it counts. */
export type Durability = "quorum" | "asynchronous";

export interface AgreedConfig extends Pick<ClusterRequest, "timings"> {
  readonly durability: Durability;
  readonly parameters: Parameters;
  readonly clients: readonly string[];
}

/** What all members agree on; changed while they run. */
export function dynamicConfig(agreed: AgreedConfig): object {
  const { durability, parameters, clients } = agreed;
  const { ttl, loopWait, retryTimeout } = agreed.timings;
  return {
    ttl,
    loop_wait: loopWait,
    retry_timeout: retryTimeout,
    maximum_lag_on_failover: 33_554_432,
    primary_start_timeout: 0, // a leader that crashed is replaced, not waited for
    primary_stop_timeout: 30,
    check_timeline: true,
    synchronous_mode: durability === "quorum" ? "quorum" : false,
    synchronous_mode_strict: false,
    synchronous_node_count: 1,
    failsafe_mode: true,
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      remove_data_directory_on_rewind_failure: true,
      parameters,
      pg_hba: accessRules(clients),
    },
  };
}

/** Nobody comes in without TLS, and nobody without a password but the server's own user on its own socket. */
function accessRules(clients: readonly string[]): string[] {
  const from = ["127.0.0.1/32", ...clients];
  return [
    "local all all peer",
    ...from.map((range) => `hostssl replication standby ${range} scram-sha-256`),
    ...from.map((range) => `hostssl all all ${range} scram-sha-256`),
    "hostnossl all all all reject",
  ];
}

/** What a member knows before it knows the others; the first of all makes a new database, or restores one. */
export function memberConfig({ postgresVersion }: Pick<ClusterRequest, "postgresVersion">, restore?: string): object {
  const [cert, key, ca] = ["tls.crt", "tls.key", "ca.crt"].map((file) => `${tlsFolder}/${file}`);
  const verified = { sslmode: "verify-ca", sslrootcert: ca };
  return {
    // A member proves itself where it asks another to do something; probes, which only look, have no certificate.
    restapi: { certfile: cert, keyfile: key, cafile: ca, verify_client: "optional" },
    // Beside a certificate "insecure" leaves out the name only, which an address doesn't have.
    ctl: { certfile: cert, keyfile: key, cacert: ca, insecure: true },
    bootstrap: {
      // The recovery is what the backup's tool has written down, and its command is complete.
      ...(restore && {
        method: "restore",
        restore: { command: restore, keep_existing_recovery_conf: true, no_params: true },
      }),
      initdb: [
        { encoding: "UTF8" },
        { locale: "C.UTF-8" },
        "data-checksums",
        { "auth-host": "scram-sha-256" },
        { "auth-local": "peer" },
      ],
      post_bootstrap: "/etc/patroni/make-database",
    },
    postgresql: {
      bin_dir: `/usr/lib/postgresql/${postgresVersion}/bin`,
      data_dir: "/pgdata/data",
      pgpass: "/tmp/pgpass",
      use_unix_socket: true,
      basebackup: [{ checkpoint: "fast" }],
      parameters: {
        unix_socket_directories: "/run/postgresql",
        ssl: "on",
        ssl_cert_file: cert,
        ssl_key_file: key,
        ssl_ca_file: ca,
        ssl_min_protocol_version: "TLSv1.2",
      },
      authentication: { superuser: verified, replication: verified, rewind: verified },
    },
    watchdog: { mode: "off" },
  };
}

/** Run once, on the first leader: the application's role owns its database and nothing else. In what was restored it does. */
export const makeDatabase = `#!/usr/bin/dash
set -eu
exec psql --dbname="$1" --set=ON_ERROR_STOP=1 --set=password="$APP_PASSWORD" <<'SQL'
set log_min_duration_statement = -1; -- a password stays out of the log, however long this takes
select 'create role app login' where not exists (select from pg_roles where rolname = 'app') \\gexec
alter role app password :'password';
select 'create role ${flusher}' where not exists (select from pg_roles where rolname = '${flusher}') \\gexec
grant pg_checkpoint to ${flusher};
select 'create database app owner app' where not exists (select from pg_database where datname = 'app') \\gexec
revoke all on database app from public;
\\connect app
select 'create extension if not exists vector' where exists (select from pg_available_extensions where name = 'vector') \\gexec
SQL
`;
