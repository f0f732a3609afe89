import { parametersOf } from "../../rollout/postgres/parameters.ts";
import { defaultReadiness, defaultTimings } from "../../rollout/postgres/settings.ts";
import type { Space } from "../../test/support/pods.ts";

const passwords = "demo-passwords";
const tlsSecret = "demo-tls";
/** As the database that it is compared with has it. */
const request = {
  ...{ scope: "plain", members: 1, dataMiB: 200, volumeMiB: 1024, memoryMiB: 384, cpuMillis: 100 },
  ...{ timings: defaultTimings, readiness: defaultReadiness, postgresVersion: 17, hostAliases: [] },
};
const sockets = "/run/postgresql";

type Made = { metadata: object };

/** A server of the same image with the same parameters, TLS and kind of volume, and nobody who follows it. */
function plainServer(image: string, namespace: string): Made[] {
  const files = { ssl_cert_file: "/tls/tls.crt", ssl_key_file: "/tls/tls.key" };
  const own = { ssl: "on", ...files, listen_addresses: "0.0.0.0", unix_socket_directories: sockets };
  const settings = Object.entries({ ...parametersOf({ ...request, namespace }), ...own });
  const options = settings.map(([name, value]) => `-c ${name}=${value}`).join(" ");
  const access = "local all all peer\\nhostssl all all 10.244.0.0/16 scram-sha-256\\n";
  const script = [
    "initdb --pgdata=/pgdata/data --encoding=UTF8 --locale=C.UTF-8 --data-checksums --auth-local=peer --auth-host=scram-sha-256",
    `printf '${access}' > /pgdata/data/pg_hba.conf`,
    `exec postgres -D /pgdata/data ${options}`,
  ].join("\n");
  const metadata = { name: "plain" };
  const claim = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
  const ready = ["psql", `--host=${sockets}`, "--username=postgres", "--command=select 1"];
  return [
    { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec: claim } as Made,
    pod("plain", image, ["dash", "-euc", script], {
      resources: { requests: { cpu: "100m", memory: "384Mi" }, limits: { memory: "384Mi" } },
      readinessProbe: { exec: { command: ready }, periodSeconds: 1 },
    }),
  ];
}

const client = (image: string): Made => pod("pgbench", image, ["python3", "-c", "import time; time.sleep(1e6)"]);

function pod(name: string, image: string, command: readonly string[], more: object = {}): Made {
  const container = {
    ...{ name, image, command },
    env: [{ name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: passwords, key: "app" } } }],
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: "tls", mountPath: "/tls" },
      { name: "socket", mountPath: sockets },
      ...(name === "plain" ? [{ name: "pgdata", mountPath: "/pgdata" }] : []),
    ],
    ...more,
  };
  const spec = {
    securityContext: { runAsNonRoot: true, runAsUser: 999, fsGroup: 999, seccompProfile: { type: "RuntimeDefault" } },
    terminationGracePeriodSeconds: 0,
    containers: [container],
    volumes: [
      { name: "tls", secret: { secretName: tlsSecret, defaultMode: 0o640 } },
      { name: "socket", emptyDir: {} },
      ...(name === "plain" ? [{ name: "pgdata", persistentVolumeClaim: { claimName: "plain" } }] : []),
    ],
  };
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec } as Made;
}

/** Starts what is compared with, and who asks both. */
export async function startPlain(space: Space, image: string): Promise<void> {
  await space.apply(...plainServer(image, space.namespace), client(image));
  await space.kubectl("wait", "--for=condition=Ready", "pod/plain", "pod/pgbench", "--timeout=120s");
  const makeRole = `psql --host=${sockets} --username=postgres --set=password="$PGPASSWORD" <<'SQL'
create role app login password :'password';
create database app owner app;
SQL`;
  await space.kubectl("exec", "plain", "--", "dash", "-euc", makeRole);
}

export const plainAddress = (space: Space): Promise<string> =>
  space.kubectl("get", "pod", "plain", "--output", "jsonpath={.status.podIP}");

const pgbench = (space: Space, host: string, ...args: string[]): Promise<string> =>
  space.kubectl("exec", "pgbench", "--", "pgbench", `--host=${host}`, "--username=app", ...args, "app");

export const fillTables = (space: Space, host: string, scale: number): Promise<string> =>
  pgbench(space, host, "--initialize", "--quiet", `--scale=${scale}`);

/** Transactions a second of the usual mix, by eight clients. */
export async function transactionsPerSecond(space: Space, host: string, seconds: number): Promise<number> {
  const said = await pgbench(space, host, "--client=8", "--jobs=2", `--time=${seconds}`, "--no-vacuum");
  return Number(/^tps = ([\d.]+)/m.exec(said)![1]);
}
