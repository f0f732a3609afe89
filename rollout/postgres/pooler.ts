import { parametersOf } from "./parameters.ts";
import { postgresPort, tlsFolder } from "./patroni.ts";
import type { ClusterRequest } from "./settings.ts";

export const poolerPort = 6432;
export const poolerReplicas = 2;
/** May look at the pools and pause them. */
export const poolerAdmin = "pooler";
/** Left to whoever comes past the pools: members, their administrators, backups. */
const connectionsOfOthers = 10;

/** PgBouncer's configuration: many clients share what connections the server has. */
export function poolerConfig(request: ClusterRequest): string {
  const primary = `${request.scope}-primary.${request.namespace}.svc`;
  const connections = Number(parametersOf(request).max_connections) - connectionsOfOthers;
  const settings = {
    listen_addr: "0.0.0.0",
    listen_port: poolerPort,
    unix_socket_dir: "",
    pool_mode: "transaction",
    max_client_conn: 1000,
    default_pool_size: Math.floor(connections / poolerReplicas),
    auth_type: "scram-sha-256",
    auth_file: "/users/users.txt",
    admin_users: poolerAdmin,
    ignore_startup_parameters: "extra_float_digits",
    client_tls_sslmode: "require",
    client_tls_cert_file: `${tlsFolder}/tls.crt`,
    client_tls_key_file: `${tlsFolder}/tls.key`,
    client_tls_ca_file: `${tlsFolder}/ca.crt`,
    server_tls_sslmode: "verify-full",
    server_tls_ca_file: `${tlsFolder}/ca.crt`,
    // Clients wait out a failover instead of failing in it.
    query_wait_timeout: 60,
    server_login_retry: 1,
    server_connect_timeout: 3,
    // Before each transaction: a leader of old, to which connections are still open, closes them itself. An error in its
    // place would be ignored, and the pool would stay with the server that can't be written to.
    server_check_delay: 0,
    server_check_query: "select case when pg_is_in_recovery() then pg_terminate_backend(pg_backend_pid()) end",
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return ["[databases]", `app = host=${primary} port=${postgresPort} dbname=app`, "[pgbouncer]", ...lines, ""].join(
    "\n",
  );
}

/** Who may log in, as PgBouncer reads it; the passwords are letters and digits. */
export const poolerUsers = (passwords: Readonly<Record<string, string>>): string =>
  Object.entries(passwords)
    .map(([user, password]) => `"${user}" "${password}"\n`)
    .join("");
