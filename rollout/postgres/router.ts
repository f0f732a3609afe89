import { postgresPort, restPort, tlsFolder } from "./patroni.ts";
import type { ClusterRequest } from "./settings.ts";

/** Leads to those that follow; the leader is at the port that a server has. */
export const replicaPort = 5433;
/** Whether the router itself is well. */
export const routerHealthPort = 8404;
export const routerReplicas = 2;
export const routerFolder = "/etc/haproxy";

/** A member as the router calls it and finds it. */
export interface RoutedMember {
  readonly name: string;
  readonly host: string;
}

/**
 * HAProxy's configuration: it asks each member whether it leads, and sends clients there. Whoever no longer says so has its
 * connections closed, so that nobody stays with a leader of old.
 */
export function routerConfig(
  members: readonly RoutedMember[],
  { periodSeconds, failureThreshold }: ClusterRequest["readiness"],
): string {
  const listen = (name: string, port: number, question: string): string[] => [
    `listen ${name}`,
    `  bind :${port}`,
    "  balance leastconn",
    `  option httpchk OPTIONS ${question}`,
    "  http-check expect status 200",
    ...members.map(
      ({ name, host }) =>
        `  server ${name} "${host}\${DOMAIN}:${postgresPort}" check-sni ${host} verifyhost ${host} resolvers names`,
    ),
  ];
  return [
    "global",
    "  maxconn 4000",
    "  log stdout format raw daemon notice",
    "resolvers names",
    "  parse-resolv-conf",
    "  accepted_payload_size 8192",
    "  timeout resolve 1s",
    "  timeout retry 1s",
    "  hold valid 2s",
    // Members stay where they were last seen while nobody can say where they are.
    ...["timeout", "refused", "other"].map((answer) => `  hold ${answer} 1d`),
    "defaults",
    "  mode tcp",
    "  log global",
    "  timeout connect 3s",
    "  timeout check 2s",
    "  timeout client 1d",
    "  timeout server 1d",
    "  option clitcpka",
    "  option srvtcpka",
    `  default-server check check-ssl verify required ca-file ${tlsFolder}/ca.crt port ${restPort} ` +
      `inter ${periodSeconds}s downinter 1s fall ${failureThreshold} rise 1 ` +
      "on-marked-down shutdown-sessions init-addr last,libc,none resolve-prefer ipv4",
    "frontend health",
    "  mode http",
    `  bind :${routerHealthPort}`,
    "  timeout http-request 5s",
    "  monitor-uri /livez",
    ...listen("primary", postgresPort, "/primary"),
    ...listen("replica", replicaPort, "/replica?replication_state=streaming"),
    "",
  ].join("\n");
}

/**
 * Its own resolver knows nothing of the domain that a pod's short names are in, so it is told. The second of two words in
 * the list of a pod is `NAMESPACE.svc.DOMAIN`.
 */
export const startRouter = `DOMAIN=
while read -r word first _; do
  case "$word $first" in "search "*.svc.*) DOMAIN=".\${first#*.svc.}" ;; esac
done < /etc/resolv.conf
export DOMAIN
exec /usr/sbin/haproxy -db -f ${routerFolder}/haproxy.cfg
`;
