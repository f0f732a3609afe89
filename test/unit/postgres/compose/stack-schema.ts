// What `docker stack deploy` takes, as far as it is used: version 3.9 of its format, in which nothing else may be written.
import { z } from "zod";

const duration = z.string().regex(/^(\d+h)?(\d+m)?(\d+s)?$/);
const image = z.string().regex(/^[^\s@]+@sha256:[0-9a-f]{64}$/);
const memory = z.string().regex(/^\d+M$/);
const mode = z.int().min(0).max(0o777);
const absolute = z.string().startsWith("/");
const reservation = z.strictObject({ cpus: z.string().regex(/^\d+(\.\d+)?$/), memory });
const resources = z.strictObject({ limits: z.strictObject({ memory }), reservations: reservation });
const restart = z.strictObject({ condition: z.enum(["none", "on-failure", "any"]), delay: duration });
const change = {
  parallelism: z.int().min(1),
  order: z.enum(["stop-first", "start-first"]),
  monitor: duration,
  max_failure_ratio: z.number(),
};
const placement = z.strictObject({
  constraints: z.array(z.string().regex(/^node\.labels\.[a-z0-9.-]+ == \d+$/)).optional(),
  max_replicas_per_node: z.int().optional(),
  preferences: z.array(z.strictObject({ spread: z.string() })).optional(),
});
const lasting = z.strictObject({
  endpoint_mode: z.enum(["vip", "dnsrr"]),
  replicas: z.int().min(1),
  placement,
  resources,
  restart_policy: restart,
  update_config: z.strictObject({
    ...change,
    delay: duration,
    failure_action: z.enum(["pause", "continue", "rollback"]),
  }),
  rollback_config: z.strictObject({ ...change, failure_action: z.enum(["pause", "continue"]) }),
});
const job = z.strictObject({ mode: z.literal("replicated-job"), resources, restart_policy: restart });
const check = z.strictObject({
  test: z.array(z.string()).min(2),
  interval: duration,
  timeout: duration,
  retries: z.int().min(1),
  start_period: duration,
});

export const service = z.strictObject({
  image,
  entrypoint: z.array(z.string()).min(1),
  command: z.array(z.string()).optional(),
  user: z.string().regex(/^[1-9]\d*:[1-9]\d*$/),
  environment: z.record(z.string().regex(/^[A-Z_]+$/), z.string()).optional(),
  networks: z.strictObject({ cluster: z.strictObject({ aliases: z.array(z.string()).optional() }) }),
  ports: z
    .array(z.strictObject({ target: z.int(), published: z.int(), protocol: z.literal("tcp"), mode: z.literal("host") }))
    .optional(),
  configs: z.array(z.strictObject({ source: z.string(), target: absolute, mode })).optional(),
  secrets: z
    .array(z.strictObject({ source: z.string(), target: z.string(), uid: z.string(), gid: z.string(), mode }))
    .optional(),
  volumes: z
    .array(
      z.discriminatedUnion("type", [
        z.strictObject({
          type: z.literal("volume"),
          source: z.string(),
          target: absolute,
          read_only: z.literal(true).optional(),
        }),
        z.strictObject({ type: z.literal("tmpfs"), target: absolute, tmpfs: z.strictObject({ size: z.int().min(1) }) }),
      ]),
    )
    .optional(),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal("ALL")]),
  stop_grace_period: duration.optional(),
  ulimits: z.strictObject({ nofile: z.strictObject({ soft: z.int(), hard: z.int() }) }),
  logging: z.strictObject({ driver: z.string(), options: z.record(z.string(), z.string()) }),
  healthcheck: z.union([check, z.strictObject({ disable: z.literal(true) })]),
  deploy: z.union([lasting, job]),
});

const name = z.string().regex(/^[a-zA-Z0-9._-]+$/);
/** Swarm's own limit, for what it keeps under a name. */
const keptName = z.string().regex(/^[a-zA-Z0-9]([a-zA-Z0-9._-]{0,62}[a-zA-Z0-9])?$/);

export const stack = z.strictObject({
  version: z.literal("3.9"),
  services: z.record(name, service),
  networks: z.strictObject({
    cluster: z.strictObject({
      driver: z.literal("overlay"),
      driver_opts: z.strictObject({ encrypted: z.literal("true") }),
      ipam: z.strictObject({ config: z.array(z.strictObject({ subnet: z.string() })) }),
    }),
  }),
  volumes: z.record(name, z.strictObject({})),
  secrets: z.record(name, z.strictObject({ external: z.literal(true), name: keptName })),
  configs: z.record(name, z.strictObject({ file: z.string().startsWith("./configs/"), name: keptName })),
});
