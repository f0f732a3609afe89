import { agreeEnvironment, agreeScript, etcdArguments, etcdFolder, etcdHosts, keptInEtcd } from "../etcd.ts";
import { memberHosts, memberName } from "../pair.ts";
import { parametersOf } from "../parameters.ts";
import { dynamicConfig, makeDatabase, memberConfig, postgresPort, restPort } from "../patroni.ts";
import { poolerAdmin, poolerConfig, poolerPort } from "../pooler.ts";
import { replicaPort, routerConfig, routerFolder, routerHealthPort } from "../router.ts";
import { metricsPort } from "../watched.ts";
import {
  answers,
  certificate,
  connects,
  deployed,
  deployedJob,
  inMemory,
  kept,
  locked,
  passwords,
  type SwarmService,
} from "./service.ts";
import type { SwarmRequest } from "./settings.ts";

export interface SwarmFiles {
  /** Writes a file down that services mount, and gives its name. */
  readonly config: (name: string, text: string) => string;
  readonly attendant: string;
}

/** Each in its image: numbers, as nothing else is certain to be the same on all nodes. */
const user = "999";
const etcdUser = "65532";
const configFolder = "/etc/patroni";

const mounted = (source: string, target: string): object => ({ source, target, mode: 0o555 });

/** Names are those of Kubernetes, so that certificate and configuration are the same. */
const called = (...aliases: string[]): SwarmService["networks"] => ({ cluster: { aliases } });
const nameless: SwarmService["networks"] = { cluster: {} };
const nodeOf = ({ scope }: SwarmRequest, at: number): string => `node.labels.rampart.${scope} == ${at}`;
const published = (port: number): object => ({ target: port, published: port, protocol: "tcp", mode: "host" });

export function etcdService(request: SwarmRequest, at: number): SwarmService {
  const { scope, namespace, etcd, images } = request;
  const hosts = etcdHosts(request, etcd);
  const host = hosts[at]!;
  const name = memberName(host);
  return {
    image: images.etcd,
    entrypoint: ["etcd"],
    command: etcdArguments({ name, host, hosts, token: `${namespace}/${scope}` }),
    user: `${etcdUser}:${etcdUser}`,
    networks: called(host),
    secrets: certificate(etcdUser),
    volumes: [kept(`${name}-data`, etcdFolder)],
    ...locked,
    // A name is given to those only that are well, and members need each other's names to become so.
    healthcheck: { disable: true },
    deploy: deployed({ cpuMillis: 50, memoryMiB: 256, node: nodeOf(request, at) }),
  };
}

/** Writes down what the members agree on, once and after each change of it. */
export function agreedService(request: SwarmRequest, { config }: SwarmFiles): SwarmService {
  const { scope, etcd, images, durability, timings, subnet } = request;
  const agreed = dynamicConfig({ timings, parameters: parametersOf(request), durability, clients: [subnet] });
  const environment = agreeEnvironment(scope, etcdHosts(request, etcd), JSON.stringify(agreed));
  return {
    image: images.postgres,
    entrypoint: ["/usr/bin/python3", `${configFolder}/agree.py`],
    user: `${user}:${user}`,
    environment,
    networks: nameless,
    configs: [mounted(config("agree.py", agreeScript), `${configFolder}/agree.py`)],
    secrets: certificate(user),
    ...locked,
    healthcheck: { disable: true },
    deploy: deployedJob({ cpuMillis: 10, memoryMiB: 64 }),
  };
}

/** In a file there is a line; Swarm doesn't say whether it ends. */
const readSecret = 'secret() { read -r value < "/run/secrets/$1" || [ -n "$value" ]; }';
const script = (...lines: string[]): string => ["#!/usr/bin/dash", "set -eu", ...lines, ""].join("\n");

const startMember = script(
  readSecret,
  "for each in SUPERUSER:superuser REPLICATION:replication REWIND:rewind RESTAPI:rest; do",
  `  secret "\${each#*:}"`,
  `  export "PATRONI_\${each%%:*}_PASSWORD=$value"`,
  "done",
  "secret app",
  'export APP_PASSWORD="$value"',
  `/usr/bin/python3 ${configFolder}/agree.py`,
  `exec /usr/bin/patroni ${configFolder}/patroni.json`,
);

const startAttendant = script(
  readSecret,
  "secret rest",
  'export PASSWORD="$value"',
  `exec /usr/bin/python3 ${configFolder}/attendant.py`,
);

/** A member, and beside it on its node who tells how it is. */
export function memberServices(
  request: SwarmRequest,
  at: number,
  { config, attendant }: SwarmFiles,
): Readonly<Record<string, SwarmService>> {
  const { scope, namespace, etcd, images, memoryMiB, cpuMillis } = request;
  const host = memberHosts(request, namespace)[at]!;
  const name = memberName(host);
  const hosts = etcdHosts(request, etcd);
  const own = JSON.stringify({ ...memberConfig(request), ...keptInEtcd(hosts) });
  const node = nodeOf(request, at);
  const common = { image: images.postgres, user: `${user}:${user}`, ...locked };
  const data = (isReadOnly: boolean) => [
    kept(`${name}-data`, "/pgdata", isReadOnly),
    kept(`${name}-socket`, "/run/postgresql"),
    inMemory("/tmp", 64),
  ];
  const member: SwarmService = {
    ...common,
    entrypoint: ["/usr/bin/dash", `${configFolder}/start-member`],
    environment: {
      ...agreeEnvironment(scope, hosts),
      PATRONI_SCOPE: scope,
      PATRONI_NAME: name,
      PATRONI_POSTGRESQL_LISTEN: `0.0.0.0:${postgresPort}`,
      PATRONI_POSTGRESQL_CONNECT_ADDRESS: `${host}:${postgresPort}`,
      PATRONI_RESTAPI_LISTEN: `0.0.0.0:${restPort}`,
      PATRONI_RESTAPI_CONNECT_ADDRESS: `${host}:${restPort}`,
      PATRONI_SUPERUSER_USERNAME: "postgres",
      PATRONI_REPLICATION_USERNAME: "standby",
      PATRONI_REWIND_USERNAME: "rewind",
      PATRONI_RESTAPI_USERNAME: "patroni",
    },
    networks: called(host),
    configs: [
      mounted(config("patroni.json", own), `${configFolder}/patroni.json`),
      mounted(config("make-database", makeDatabase), `${configFolder}/make-database`),
      mounted(config("agree.py", agreeScript), `${configFolder}/agree.py`),
      mounted(config("start-member", startMember), `${configFolder}/start-member`),
    ],
    secrets: [...certificate(user), ...passwords(user, ["superuser", "replication", "rewind", "rest", "app"])],
    volumes: [...data(false), inMemory("/dev/shm", 128)],
    stop_grace_period: "60s",
    healthcheck: answers(`https://127.0.0.1:${restPort}/liveness`),
    deploy: deployed({ cpuMillis, memoryMiB, node }),
  };
  const beside: SwarmService = {
    ...common,
    entrypoint: ["/usr/bin/dash", `${configFolder}/start-attendant`],
    environment: { NAME: name, SCOPE: scope, PORT: String(metricsPort), MEMBER: host },
    networks: called(`${name}-attendant.${namespace}.svc`),
    configs: [
      mounted(config("attendant.py", attendant), `${configFolder}/attendant.py`),
      mounted(config("start-attendant", startAttendant), `${configFolder}/start-attendant`),
    ],
    secrets: [...certificate(user), ...passwords(user, ["rest"])],
    volumes: data(true),
    healthcheck: connects(metricsPort),
    deploy: deployed({ cpuMillis: 10, memoryMiB: 128, node }),
  };
  return { [name]: member, [`${name}-attendant`]: beside };
}

export function routerService(request: SwarmRequest, { config }: SwarmFiles): SwarmService {
  const { scope, namespace, images, readiness } = request;
  const members = memberHosts(request, namespace).map((host) => ({ name: memberName(host), host }));
  const file = `${routerFolder}/haproxy.cfg`;
  return {
    image: images.postgres,
    entrypoint: ["/usr/sbin/haproxy", "-db", "-f", file],
    user: `${user}:${user}`,
    networks: called(`${scope}-primary.${namespace}.svc`),
    ports: [published(postgresPort), published(replicaPort)],
    configs: [mounted(config("haproxy.cfg", routerConfig(members, readiness)), file)],
    secrets: certificate(user),
    ...locked,
    healthcheck: answers(`http://127.0.0.1:${routerHealthPort}/livez`),
    deploy: deployed({ cpuMillis: 50, memoryMiB: 128 }),
  };
}

const startPooler = script(
  readSecret,
  ": > /users/users.txt",
  `for each in app ${poolerAdmin}; do`,
  '  secret "$each"',
  `  printf '"%s" "%s"\\n' "$each" "$value" >> /users/users.txt`,
  "done",
  "exec /usr/sbin/pgbouncer /etc/pgbouncer/pgbouncer.ini",
);

export function poolerService(request: SwarmRequest, { config }: SwarmFiles): SwarmService {
  const { scope, namespace, images } = request;
  return {
    image: images.postgres,
    entrypoint: ["/usr/bin/dash", `${configFolder}/start-pooler`],
    user: `${user}:${user}`,
    networks: called(`${scope}-pooler.${namespace}.svc`),
    ports: [published(poolerPort)],
    configs: [
      mounted(config("pgbouncer.ini", poolerConfig(request)), "/etc/pgbouncer/pgbouncer.ini"),
      mounted(config("start-pooler", startPooler), `${configFolder}/start-pooler`),
    ],
    secrets: [...certificate(user), ...passwords(user, ["app", poolerAdmin])],
    volumes: [inMemory("/users", 1)],
    stop_grace_period: "60s",
    ...locked,
    healthcheck: connects(poolerPort),
    deploy: deployed({ cpuMillis: 50, memoryMiB: 128 }),
  };
}
