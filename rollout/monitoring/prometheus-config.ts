import type { Plan } from "../plan/model.ts";

export interface ScrapeOptions {
  readonly environment: string;
  readonly systems: readonly Pick<Plan, "system" | "scrapeInterval">[];
  /** Alertmanager's pods, each by its own name: they gossip, so all of them have to be told. */
  readonly alertmanagers: readonly string[];
  readonly prometheuses: readonly string[];
  /** As long as the longest window of a plan, or it can't be read. */
  readonly retention: { readonly time: string; readonly size: string };
  /** The proxy in front of the systems, scraped every second: it sees every request and is one target. */
  readonly gateway?: { readonly namespace: string; readonly app: string; readonly port: number };
  readonly analyzer?: { readonly namespace: string; readonly app: string; readonly port: number };
}

type Json = Readonly<Record<string, unknown>>;

/** No target may take more than this; a label that explodes is refused, not stored. */
const limits = { sample_limit: 5000, label_limit: 40, label_value_length_limit: 300 };

export function prometheusConfig(options: ScrapeOptions): Json {
  const { environment, gateway, analyzer } = options;
  return {
    global: {
      scrape_interval: "15s",
      scrape_timeout: "10s",
      evaluation_interval: "15s",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Prometheus fills it in from its environment
      external_labels: { environment, prometheus_replica: "${POD_NAME}" },
    },
    storage: { tsdb: { retention: options.retention } },
    rule_files: ["/etc/prometheus/rules/*.yml"],
    alerting: {
      // Both replicas say the same, and Alertmanager is to see it as the same.
      alert_relabel_configs: [{ action: "labeldrop", regex: "prometheus_replica" }],
      alertmanagers: [{ static_configs: [{ targets: options.alertmanagers }] }],
    },
    scrape_configs: [
      fixed("prometheus", options.prometheuses),
      fixed("alertmanager", options.alertmanagers),
      ...intervals(options.systems).map(([interval, systems]) => systemJob(interval, systems)),
      ...(gateway ? [gatewayJob(gateway, options.systems)] : []),
      ...(analyzer ? [analyzerJob(analyzer)] : []),
    ],
  };
}

const fixed = (job: string, targets: readonly string[]): Json => ({
  job_name: job,
  ...limits,
  static_configs: [{ targets }],
});

function intervals(systems: ScrapeOptions["systems"]): [string, string[]][] {
  const found = new Map<string, string[]>();
  for (const { system, scrapeInterval } of systems)
    found.set(scrapeInterval.value, [...(found.get(scrapeInterval.value) ?? []), system]);
  return [...found];
}

const keep = (source: string, regex: string) => ({ action: "keep", source_labels: [source], regex });
const copy = (source: string, target: string) => ({ action: "replace", source_labels: [source], target_label: target });
const pods = (namespaces: readonly string[]) => [{ role: "pod", namespaces: { names: namespaces } }];

/** A system's namespace has its name. Who a pod is its labels say, never what it says of itself. */
const systemJob = (interval: string, systems: readonly string[]): Json => ({
  job_name: `systems-${interval}`,
  scrape_interval: interval,
  ...(interval === "15s" ? {} : { scrape_timeout: interval }),
  ...limits,
  kubernetes_sd_configs: pods(systems),
  relabel_configs: [
    keep("__meta_kubernetes_pod_label_rampart_dev_track", "stable|canary"),
    keep("__meta_kubernetes_pod_container_port_name", "health"),
    { action: "drop", source_labels: ["__meta_kubernetes_pod_phase"], regex: "Pending|Succeeded|Failed" },
    { action: "replace", target_label: "job", replacement: "systems" },
    copy("__meta_kubernetes_namespace", "system"),
    copy("__meta_kubernetes_pod_label_rampart_dev_track", "track"),
    copy("__meta_kubernetes_pod_label_rampart_dev_revision", "revision"),
    copy("__meta_kubernetes_pod_name", "pod"),
  ],
  metric_relabel_configs: [{ action: "labeldrop", regex: "exported_(system|track|pod|job)" }],
});

/** The proxy names what it sends to `<namespace>_<service>_<port>`, and the Services are `<system>-<track>`. */
const gatewayJob = (
  { namespace, app, port }: NonNullable<ScrapeOptions["gateway"]>,
  systems: ScrapeOptions["systems"],
): Json => {
  const cluster = `(${systems.map(({ system }) => system).join("|")})_.+-(stable|canary)_\\d+`;
  return {
    job_name: "gateway",
    scrape_interval: "1s",
    scrape_timeout: "1s",
    metrics_path: "/stats/prometheus",
    ...limits,
    params: { filter: ["cluster\\..*\\.upstream_rq_(total|[1-5]xx)$"] },
    kubernetes_sd_configs: pods([namespace]),
    relabel_configs: [
      keep("__meta_kubernetes_pod_label_app", app),
      keep("__meta_kubernetes_pod_container_init", "false"),
      { action: "keep", source_labels: ["__meta_kubernetes_pod_container_port_name"], regex: "http" },
      {
        action: "replace",
        source_labels: ["__meta_kubernetes_pod_ip"],
        target_label: "__address__",
        replacement: `$1:${port}`,
      },
      copy("__meta_kubernetes_pod_name", "pod"),
    ],
    metric_relabel_configs: [
      keep("__name__", "envoy_cluster_upstream_rq_(total|xx)"),
      keep("envoy_cluster_name", cluster),
      {
        action: "replace",
        source_labels: ["envoy_cluster_name"],
        regex: cluster,
        target_label: "system",
        replacement: "$1",
      },
      {
        action: "replace",
        source_labels: ["envoy_cluster_name"],
        regex: cluster,
        target_label: "track",
        replacement: "$2",
      },
    ],
  };
};

/** What it says about systems and attempts is its word to give, so its labels stand. */
const analyzerJob = ({ namespace, app, port }: NonNullable<ScrapeOptions["analyzer"]>): Json => ({
  job_name: "analyzer",
  scrape_interval: "5s",
  scrape_timeout: "5s",
  honor_labels: true,
  ...limits,
  kubernetes_sd_configs: pods([namespace]),
  relabel_configs: [
    keep("__meta_kubernetes_pod_label_app_kubernetes_io_name", app),
    {
      action: "replace",
      source_labels: ["__meta_kubernetes_pod_ip"],
      target_label: "__address__",
      replacement: `$1:${port}`,
    },
  ],
});
