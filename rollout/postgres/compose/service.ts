import { tlsFolder } from "../patroni.ts";

/** What of a Compose file's service is used here, as `docker stack deploy` understands it. */
export interface SwarmService {
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly user: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks: { readonly cluster: { readonly aliases?: readonly string[] } };
  readonly ports?: readonly object[];
  readonly configs?: readonly object[];
  readonly secrets?: readonly Mounted[];
  readonly volumes?: readonly Volume[];
  readonly read_only: true;
  readonly cap_drop: readonly ["ALL"];
  readonly stop_grace_period?: string;
  readonly ulimits: object;
  readonly logging: object;
  readonly healthcheck: object;
  readonly deploy: object;
}

export interface Mounted {
  readonly source: string;
  readonly target: string;
  readonly uid?: string;
  readonly gid?: string;
  readonly mode: number;
}

export interface Volume {
  readonly type: "volume" | "tmpfs";
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly tmpfs?: { readonly size: number };
}

const mebibyte = 1024 * 1024;
export const inMemory = (target: string, mebibytes: number): Volume => ({
  type: "tmpfs",
  target,
  tmpfs: { size: mebibytes * mebibyte },
});
export const kept = (source: string, target: string, isReadOnly = false): Volume => ({
  type: "volume",
  source,
  target,
  ...(isReadOnly && { read_only: true }),
});

/** The names of the secrets that a certificate is in. */
export const certificateFiles = ["tls.crt", "tls.key", "ca.crt"] as const;

/** PostgreSQL refuses a key that others may read, so it is the user's own. */
export const certificate = (user: string): Mounted[] =>
  certificateFiles.map((file) => ({
    source: file,
    target: `${tlsFolder}/${file}`,
    uid: user,
    gid: user,
    mode: 0o400,
  }));

/** Passwords, each in a file of the folder that Swarm has for them. */
export const passwords = (user: string, names: readonly string[]): Mounted[] =>
  names.map((name) => ({ source: name, target: name, uid: user, gid: user, mode: 0o400 }));

export interface Placement {
  readonly cpuMillis: number;
  readonly memoryMiB: number;
  /** On the node with this number, where a volume binds it to one; else on any two. */
  readonly node?: string;
}

/** One after the other, and back to what ran before where the new one doesn't get well. */
export function deployed({ cpuMillis, memoryMiB, node }: Placement): object {
  // What goes leaves its port and its volume to what comes.
  const change = { parallelism: 1, order: "stop-first", monitor: "60s", max_failure_ratio: 0 };
  const isBound = node !== undefined;
  return {
    endpoint_mode: "dnsrr",
    replicas: isBound ? 1 : 2,
    placement: isBound ? { constraints: [node] } : { max_replicas_per_node: 1, preferences: [{ spread: "node.id" }] },
    resources: {
      limits: { memory: `${memoryMiB}M` },
      reservations: { cpus: String(cpuMillis / 1000), memory: `${memoryMiB}M` },
    },
    restart_policy: { condition: "any", delay: "2s" },
    update_config: { ...change, delay: "10s", failure_action: "rollback" },
    rollback_config: { ...change, failure_action: "pause" },
  };
}

/** Runs to its end once, and anew after each change of it. */
export const deployedJob = ({ cpuMillis, memoryMiB }: Placement): object => ({
  mode: "replicated-job",
  resources: {
    limits: { memory: `${memoryMiB}M` },
    reservations: { cpus: String(cpuMillis / 1000), memory: `${memoryMiB}M` },
  },
  restart_policy: { condition: "on-failure", delay: "2s" },
});

/** What all services have in common: nothing to write to but what is mounted, and logs that end. */
export const locked = {
  read_only: true,
  cap_drop: ["ALL"],
  ulimits: { nofile: { soft: 65_536, hard: 65_536 } },
  logging: { driver: "json-file", options: { "max-size": "10m", "max-file": "5" } },
} as const;

/** Ends well when the address answers; a container that isn't well has no name yet, so it asks itself by its address. */
export const answers = (url: string): object => {
  const script = [
    "import ssl, urllib.request",
    `context = ssl.create_default_context(cafile="${tlsFolder}/ca.crt")`,
    "context.check_hostname = False",
    `urllib.request.urlopen("${url}", timeout=3, context=context)`,
  ];
  return checked(script.join("; "));
};

export const connects = (port: number): object =>
  checked(`import socket; socket.create_connection(("127.0.0.1", ${port}), 3)`);

const checked = (script: string): object => ({
  test: ["CMD", "/usr/bin/python3", "-c", script],
  interval: "10s",
  timeout: "5s",
  retries: 3,
  start_period: "300s",
});
