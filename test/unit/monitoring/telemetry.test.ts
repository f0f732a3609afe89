import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { z } from "zod";
import {
  jaegerConfig,
  logCollectorConfig,
  lokiConfig,
  traceCollectorConfig,
} from "../../../rollout/monitoring/telemetry.ts";

const options = { environment: "production", systems: ["wdbx", "dwcp-v3"] };
const traces = traceCollectorConfig(options, "jaeger.rampart-monitoring.svc:4317");
const logs = logCollectorConfig(options, "http://loki.rampart-monitoring.svc:3100");
const jaeger = jaegerConfig("7d");
const loki = lokiConfig("14d");

const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const endpoint = z.string().regex(/^[a-z0-9.-]+:\d+$/);
const listening = z.strictObject({ endpoint });
const otlp = z.strictObject({ protocols: z.strictObject({ grpc: listening, http: listening.optional() }) });
const empty = z.strictObject({});
const attribute = z.strictObject({ tag_name: z.string(), key: z.string(), from: z.literal("pod") });
const source = z.discriminatedUnion("from", [
  z.strictObject({ from: z.literal("connection") }),
  z.strictObject({ from: z.literal("resource_attribute"), name: z.string() }),
]);
const policy = z.discriminatedUnion("type", [
  z.strictObject({
    name: z.string(),
    type: z.literal("status_code"),
    status_code: z.strictObject({ status_codes: z.array(z.enum(["OK", "ERROR", "UNSET"])) }),
  }),
  z.strictObject({
    name: z.string(),
    type: z.literal("latency"),
    latency: z.strictObject({ threshold_ms: z.int().positive() }),
  }),
  z.strictObject({
    name: z.string(),
    type: z.literal("string_attribute"),
    string_attribute: z.strictObject({ key: z.string(), values: z.array(z.string()).min(1) }),
  }),
  z.strictObject({
    name: z.string(),
    type: z.literal("probabilistic"),
    probabilistic: z.strictObject({ sampling_percentage: z.number().min(0).max(100) }),
  }),
]);
const processors = z.strictObject({
  memory_limiter: z
    .strictObject({
      check_interval: duration,
      limit_percentage: z.number().max(100),
      spike_limit_percentage: z.number().max(100),
    })
    .optional(),
  k8sattributes: z
    .strictObject({
      extract: z.strictObject({ metadata: z.array(z.string().startsWith("k8s.")), labels: z.array(attribute) }),
      pod_association: z.array(z.strictObject({ sources: z.array(source).min(1) })).min(1),
    })
    .optional(),
  resource: z
    .strictObject({
      attributes: z.array(
        z.strictObject({
          key: z.string(),
          value: z.string().optional(),
          from_attribute: z.string().optional(),
          action: z.enum(["insert", "update", "upsert", "delete"]),
        }),
      ),
    })
    .optional(),
  "filter/systems": z
    .strictObject({
      error_mode: z.enum(["propagate", "ignore", "silent"]),
      traces: z.strictObject({ span: z.array(z.string()) }),
    })
    .optional(),
  tail_sampling: z
    .strictObject({ decision_wait: duration, num_traces: z.int().positive(), policies: z.array(policy).min(1) })
    .optional(),
  batch: empty.optional(),
});
const badger = z.strictObject({
  ephemeral: z.boolean(),
  directories: z.strictObject({ keys: z.string().startsWith("/data/"), values: z.string().startsWith("/data/") }),
  ttl: z.strictObject({ spans: duration }),
});
/** What OpenTelemetry's collector and Jaeger, which is one, take of the parts that are used. */
const collector = z.strictObject({
  extensions: z.strictObject({
    health_check: listening.optional(),
    healthcheckv2: z.strictObject({ use_v2: z.literal(true), http: listening }).optional(),
    jaeger_query: z.strictObject({ storage: z.strictObject({ traces: z.string() }) }).optional(),
    jaeger_storage: z.strictObject({ backends: z.record(z.string(), z.strictObject({ badger })) }).optional(),
  }),
  receivers: z.strictObject({
    otlp: otlp.optional(),
    filelog: z
      .strictObject({
        include: z.array(z.string().startsWith("/var/log/pods/")).min(1),
        start_at: z.enum(["beginning", "end"]),
        include_file_path: z.boolean(),
        operators: z.array(z.strictObject({ type: z.literal("container") })),
      })
      .optional(),
  }),
  processors,
  exporters: z.strictObject({
    "otlp/jaeger": z.strictObject({ endpoint, tls: z.strictObject({ insecure: z.boolean() }) }).optional(),
    otlphttp: z.strictObject({ endpoint: z.url() }).optional(),
    jaeger_storage_exporter: z.strictObject({ trace_storage: z.string() }).optional(),
  }),
  service: z.strictObject({
    extensions: z.array(z.string()),
    pipelines: z.record(
      z.enum(["traces", "logs"]),
      z
        .strictObject({
          receivers: z.array(z.string()).min(1),
          processors: z.array(z.string()),
          exporters: z.array(z.string()).min(1),
        })
        .optional(),
    ),
  }),
});
type Collector = z.infer<typeof collector>;

const lokiSchema = z.strictObject({
  auth_enabled: z.boolean(),
  server: z.strictObject({ http_listen_port: z.int() }),
  analytics: z.strictObject({ reporting_enabled: z.literal(false) }),
  common: z.strictObject({
    path_prefix: z.literal("/data"),
    replication_factor: z.literal(1),
    ring: z.strictObject({ instance_addr: z.string(), kvstore: z.strictObject({ store: z.literal("inmemory") }) }),
    storage: z.strictObject({
      filesystem: z.strictObject({ chunks_directory: z.string(), rules_directory: z.string() }),
    }),
  }),
  schema_config: z.strictObject({
    configs: z.array(
      z.strictObject({
        from: z.iso.date(),
        store: z.literal("tsdb"),
        object_store: z.literal("filesystem"),
        schema: z.literal("v13"),
        index: z.strictObject({ prefix: z.string(), period: z.literal("24h") }),
      }),
    ),
  }),
  limits_config: z.strictObject({
    retention_period: duration,
    allow_structured_metadata: z.boolean(),
    otlp_config: z.strictObject({
      resource_attributes: z.strictObject({
        attributes_config: z.array(
          z.strictObject({
            action: z.enum(["index_label", "structured_metadata", "drop"]),
            attributes: z.array(z.string()),
          }),
        ),
      }),
    }),
  }),
  compactor: z.strictObject({
    working_directory: z.string(),
    retention_enabled: z.literal(true),
    delete_request_store: z.literal("filesystem"),
  }),
});

describe("traces and logs", () => {
  const configs = { traces, logs, jaeger };

  for (const [name, config] of Object.entries(configs)) {
    it(`have a config of the ${name} that its program takes`, () => {
      const { error } = collector.safeParse(config);
      assert.ok(!error, error?.message);
    });

    it(`declare every part of the ${name}' pipelines, and use every part that is declared`, () => {
      const { service, extensions, ...parts } = config as unknown as Collector;
      assert.deepEqual(service.extensions.toSorted(), Object.keys(extensions).toSorted());
      for (const kind of ["receivers", "processors", "exporters"] as const) {
        const used = Object.values(service.pipelines).flatMap((pipeline) => pipeline?.[kind] ?? []);
        assert.deepEqual([...new Set(used)].toSorted(), Object.keys(parts[kind]).toSorted(), kind);
      }
    });
  }

  it("have a config of Loki that it takes", () => {
    const { error } = lokiSchema.safeParse(loki);
    assert.ok(!error, error?.message);
  });

  it("are limited in memory first, and sent in batches last", () => {
    for (const config of [traces, logs]) {
      const [pipeline] = Object.values((config as unknown as Collector).service.pipelines);
      assert.equal(pipeline!.processors[0], "memory_limiter");
      assert.equal(pipeline!.processors.at(-1), "batch");
    }
  });

  it("are kept as long as was asked, in a unit that both know", () => {
    assert.match(JSON.stringify(jaeger), /"ttl":\{"spans":"168h"\}/);
    assert.match(JSON.stringify(loki), /"retention_period":"336h"/);
  });

  it("belong to the systems and nobody else", () => {
    assert.match(JSON.stringify(traces), /\^\(wdbx\|dwcp-v3\)\$/);
    assert.match(
      JSON.stringify(logs),
      /"include":\["\/var\/log\/pods\/wdbx_\*\/\*\/\*\.log","\/var\/log\/pods\/dwcp-v3_\*/,
    );
  });
});
