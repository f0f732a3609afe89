import {
  analyzerJob,
  databaseJob,
  databasesOf,
  fixed,
  gatewayJob,
  intervals,
  nodesJob,
  objectsJob,
  type Place,
  probesJob,
  type Scraped,
  systemJob,
} from "./scrape-jobs.ts";

export interface ScrapeOptions {
  readonly environment: string;
  readonly systems: readonly Scraped[];
  /** Alertmanager's pods, each by its own name: they gossip, so all of them have to be told. */
  readonly alertmanagers: readonly string[];
  readonly prometheuses: readonly string[];
  /** As long as the longest window of a plan, or it can't be read. */
  readonly retention: { readonly time: string; readonly size: string };
  /** The proxy in front of the systems, scraped every second: it sees every request and is one target. */
  readonly gateway?: Place;
  readonly analyzer?: Place;
  /** The node exporter's pods. */
  readonly nodes?: Place;
  /** Those of kube-state-metrics. */
  readonly objects?: Place;
  /** The blackbox exporter, and what it asks: addresses by system, or by what else is to answer. */
  readonly probes?: { readonly exporter: string; readonly urls: Readonly<Record<string, string>> };
}

export function prometheusConfig(options: ScrapeOptions): Readonly<Record<string, unknown>> {
  const { environment, gateway, analyzer, nodes, objects, probes } = options;
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
      ...intervals(databasesOf(options.systems)).map(([interval, systems]) => databaseJob(interval, systems)),
      ...(gateway ? [gatewayJob(gateway, options.systems)] : []),
      ...(analyzer ? [analyzerJob(analyzer)] : []),
      ...(nodes ? [nodesJob(nodes)] : []),
      ...(objects ? [objectsJob(objects, options.systems)] : []),
      ...(probes ? [probesJob(probes, options.systems)] : []),
    ],
  };
}
