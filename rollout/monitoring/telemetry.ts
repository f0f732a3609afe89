import type { Duration } from "../plan/duration.ts";

type Json = Readonly<Record<string, unknown>>;

export interface TelemetryOptions {
  readonly environment: string;
  /** The namespaces whose traces and logs are kept; they have the systems' names. */
  readonly systems: readonly string[];
}

export const otlp = { grpc: 4317, http: 4318 };
const health = 13133;

/** Whom it is about is said by the pod's labels, as it is for metrics, under the names that OpenTelemetry has for it. */
const whose = (environment: string, association: readonly Json[]): Json => ({
  k8sattributes: {
    extract: {
      metadata: ["k8s.namespace.name", "k8s.pod.name", "k8s.node.name"],
      labels: [
        { tag_name: "rampart.track", key: "rampart.dev/track", from: "pod" },
        { tag_name: "service.version", key: "rampart.dev/revision", from: "pod" },
        { tag_name: "service.name", key: "app.kubernetes.io/name", from: "pod" },
      ],
    },
    pod_association: [{ sources: association }],
  },
  resource: {
    attributes: [
      { key: "service.namespace", from_attribute: "k8s.namespace.name", action: "upsert" },
      { key: "deployment.environment.name", value: environment, action: "upsert" },
    ],
  },
});

/** Never more than its pod may have: it drops before the kernel kills. */
const memoryLimiter = { check_interval: "1s", limit_percentage: 80, spike_limit_percentage: 25 };

const extensions = { health_check: { endpoint: `0.0.0.0:${health}` } };

/** Takes spans of the systems; what is rare or about a canary is kept, of the rest one in ten. */
export const traceCollectorConfig = ({ environment, systems }: TelemetryOptions, jaeger: string): Json => ({
  extensions,
  receivers: {
    otlp: { protocols: { grpc: { endpoint: `0.0.0.0:${otlp.grpc}` }, http: { endpoint: `0.0.0.0:${otlp.http}` } } },
  },
  processors: {
    memory_limiter: memoryLimiter,
    ...whose(environment, [{ from: "connection" }]),
    "filter/systems": {
      error_mode: "propagate",
      traces: { span: [`not IsMatch(resource.attributes["k8s.namespace.name"], "^(${systems.join("|")})$")`] },
    },
    tail_sampling: {
      decision_wait: "10s",
      num_traces: 20_000,
      policies: [
        { name: "errors", type: "status_code", status_code: { status_codes: ["ERROR"] } },
        { name: "slow", type: "latency", latency: { threshold_ms: 1000 } },
        { name: "canary", type: "string_attribute", string_attribute: { key: "rampart.track", values: ["canary"] } },
        { name: "some", type: "probabilistic", probabilistic: { sampling_percentage: 10 } },
      ],
    },
    batch: {},
  },
  exporters: { "otlp/jaeger": { endpoint: jaeger, tls: { insecure: true } } },
  service: {
    extensions: ["health_check"],
    pipelines: {
      traces: {
        receivers: ["otlp"],
        processors: ["memory_limiter", "k8sattributes", "resource", "filter/systems", "tail_sampling", "batch"],
        exporters: ["otlp/jaeger"],
      },
    },
  },
});

/** Reads what the systems' containers have said from the node's files, as the kubelet lays them down. */
export const logCollectorConfig = ({ environment, systems }: TelemetryOptions, loki: string): Json => ({
  extensions,
  receivers: {
    filelog: {
      include: systems.map((system) => `/var/log/pods/${system}_*/*/*.log`),
      start_at: "end",
      include_file_path: true,
      operators: [{ type: "container" }],
    },
  },
  processors: {
    memory_limiter: memoryLimiter,
    ...whose(environment, [
      { from: "resource_attribute", name: "k8s.namespace.name" },
      { from: "resource_attribute", name: "k8s.pod.name" },
    ]),
    batch: {},
  },
  exporters: { otlphttp: { endpoint: `${loki}/otlp` } },
  service: {
    extensions: ["health_check"],
    pipelines: {
      logs: {
        receivers: ["filelog"],
        processors: ["memory_limiter", "k8sattributes", "resource", "batch"],
        exporters: ["otlphttp"],
      },
    },
  },
});

/** Spans in files of its own, gone after a while; questions at 16686. */
export const jaegerConfig = (keep: Duration): Json => ({
  extensions: {
    healthcheckv2: { use_v2: true, http: { endpoint: `0.0.0.0:${health}` } },
    jaeger_query: { storage: { traces: "spans" } },
    jaeger_storage: {
      backends: {
        spans: {
          badger: {
            ephemeral: false,
            directories: { keys: "/data/keys", values: "/data/values" },
            ttl: { spans: inHours(keep) },
          },
        },
      },
    },
  },
  receivers: { otlp: { protocols: { grpc: { endpoint: `0.0.0.0:${otlp.grpc}` } } } },
  processors: { batch: {} },
  exporters: { jaeger_storage_exporter: { trace_storage: "spans" } },
  service: {
    extensions: ["jaeger_storage", "jaeger_query", "healthcheckv2"],
    pipelines: { traces: { receivers: ["otlp"], processors: ["batch"], exporters: ["jaeger_storage_exporter"] } },
  },
});

const labelled = [
  "service.namespace",
  "service.name",
  "service.version",
  "rampart.track",
  "deployment.environment.name",
];

/** One process with its files; what is older than it should be goes by itself. */
export const lokiConfig = (keep: Duration): Json => ({
  auth_enabled: false,
  server: { http_listen_port: 3100 },
  analytics: { reporting_enabled: false },
  common: {
    path_prefix: "/data",
    replication_factor: 1,
    ring: { instance_addr: "127.0.0.1", kvstore: { store: "inmemory" } },
    storage: { filesystem: { chunks_directory: "/data/chunks", rules_directory: "/data/rules" } },
  },
  schema_config: {
    configs: [
      {
        from: "2026-01-01",
        store: "tsdb",
        object_store: "filesystem",
        schema: "v13",
        index: { prefix: "index_", period: "24h" },
      },
    ],
  },
  limits_config: {
    retention_period: inHours(keep),
    allow_structured_metadata: true,
    otlp_config: { resource_attributes: { attributes_config: [{ action: "index_label", attributes: labelled }] } },
  },
  compactor: { working_directory: "/data/compactor", retention_enabled: true, delete_request_store: "filesystem" },
});

/** Neither of the two knows days. */
function inHours(keep: Duration): string {
  const days = /^(\d+)d$/.exec(keep);
  return days ? `${24 * Number(days[1])}h` : keep;
}
