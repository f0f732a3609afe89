import { segmentPorts } from "../exposure/segments.ts";
import type { Plan } from "../plan/model.ts";

/** Pods by namespace and name of their program, and the port at which they tell. */
export interface Place {
  readonly namespace: string;
  readonly app: string;
  readonly port: number;
}

export type Scraped = Pick<Plan, "system" | "scrapeInterval" | "segments"> & Partial<Pick<Plan, "adapter">>;

type Json = Readonly<Record<string, unknown>>;

/** No target may take more than this; a label that explodes is refused, not stored. */
const limits = { sample_limit: 5000, label_limit: 40, label_value_length_limit: 300 };

export const fixed = (job: string, targets: readonly string[]): Json => ({
  job_name: job,
  ...limits,
  static_configs: [{ targets }],
});

/** Systems by how often they are asked. */
export function intervals(systems: readonly Scraped[]): [string, string[]][] {
  const found = new Map<string, string[]>();
  for (const { system, scrapeInterval } of systems) {
    found.set(scrapeInterval.value, [...(found.get(scrapeInterval.value) ?? []), system]);
  }
  return [...found];
}

const keep = (source: string, regex: string) => ({ action: "keep", source_labels: [source], regex });
const copy = (source: string, target: string) => ({ action: "replace", source_labels: [source], target_label: target });
const pods = (namespaces: readonly string[]) => [{ role: "pod", namespaces: { names: namespaces } }];

const byAddress = (port: number) => ({
  action: "replace",
  source_labels: ["__meta_kubernetes_pod_ip"],
  target_label: "__address__",
  replacement: `$1:${port}`,
});
/** Whichever ports its pods say they have: all of them become the one. */
const only = ({ app, port }: Place) => [
  keep("__meta_kubernetes_pod_label_app_kubernetes_io_name", app),
  byAddress(port),
];

const podLabel = "__meta_kubernetes_pod_label_";

interface Labelled {
  /** Whose label has one of these values. */
  readonly label: string;
  readonly is: string;
  /** What its series say of it, by the label of the pod that says so. */
  readonly says: Readonly<Record<string, string>>;
}

/** A system's namespace has its name. Who a pod is its labels say, never what it says of itself. */
const podsJob = (
  job: string,
  [interval, systems]: [string, readonly string[]],
  { label, is, says }: Labelled,
): Json => ({
  job_name: `${job}-${interval}`,
  scrape_interval: interval,
  ...(interval === "15s" ? {} : { scrape_timeout: interval }),
  ...limits,
  kubernetes_sd_configs: pods(systems),
  relabel_configs: [
    keep(podLabel + label, is),
    keep("__meta_kubernetes_pod_container_port_name", "health"),
    { action: "drop", source_labels: ["__meta_kubernetes_pod_phase"], regex: "Pending|Succeeded|Failed" },
    { action: "replace", target_label: "job", replacement: job },
    copy("__meta_kubernetes_namespace", "system"),
    ...Object.entries(says).map(([target, source]) => copy(podLabel + source, target)),
    copy("__meta_kubernetes_pod_name", "pod"),
  ],
  metric_relabel_configs: [{ action: "labeldrop", regex: `exported_(system|${Object.keys(says).join("|")}|pod|job)` }],
});

export const systemJob = (interval: string, systems: readonly string[]): Json =>
  podsJob("systems", [interval, systems], {
    ...{ label: "rampart_dev_track", is: "stable|canary" },
    says: { track: "rampart_dev_track", revision: "rampart_dev_revision" },
  });

/** The proxy names what it sends to `<namespace>_<service>_<port>`, and the Services are `<system>-<track>`. */
export const proxyCluster = (systems: readonly string[]): string => `(${systems.join("|")})_.+-(stable|canary)_(\\d+)`;
/** Where it tells what it has counted. */
export const proxyPath = "/stats/prometheus";

/** Systems that are a database. */
export const databasesOf = <T extends Scraped>(systems: readonly T[]): T[] =>
  systems.filter(({ adapter }) => adapter?.kind === "database-migration");

/** Members of a database's clusters. They have no track: which of the clusters leads is what a rollout changes. */
export const databaseJob = (interval: string, systems: readonly string[]): Json =>
  podsJob("databases", [interval, systems], {
    ...{ label: "application", is: "patroni" },
    says: { cluster: "cluster_name" },
  });

export const gatewayJob = ({ namespace, app, port }: Place, systems: readonly Scraped[]): Json => {
  const cluster = proxyCluster(systems.map(({ system }) => system));
  return {
    job_name: "gateway",
    scrape_interval: "1s",
    scrape_timeout: "1s",
    metrics_path: proxyPath,
    ...limits,
    params: { filter: ["cluster\\..*\\.upstream_rq_(total|[1-5]xx)$"] },
    kubernetes_sd_configs: pods([namespace]),
    relabel_configs: [
      keep("__meta_kubernetes_pod_label_app", app),
      keep("__meta_kubernetes_pod_container_init", "false"),
      { action: "keep", source_labels: ["__meta_kubernetes_pod_container_port_name"], regex: "http" },
      byAddress(port),
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
      ...systems.flatMap(segmentLabels),
    ],
  };
};

/** Requests that come without a segment are counted at the port that everybody has, and have no such label. */
const segmentLabels = ({ system, segments }: Scraped): Json[] =>
  [...segmentPorts(segments.map(({ name }) => name))].map(([segment, port]) => ({
    action: "replace",
    source_labels: ["envoy_cluster_name"],
    regex: `${system}_.+-(?:stable|canary)_${port}`,
    target_label: "segment",
    replacement: segment,
  }));

/** What it says about systems and attempts is its word to give, so its labels stand. */
export const analyzerJob = (place: Place): Json => ({
  job_name: "analyzer",
  scrape_interval: "5s",
  scrape_timeout: "5s",
  honor_labels: true,
  ...limits,
  kubernetes_sd_configs: pods([place.namespace]),
  relabel_configs: only(place),
});

/** Who asked and where is in the labels; which node it is matters more. */
export const nodesJob = (exporter: Place): Json => ({
  job_name: "nodes",
  ...limits,
  kubernetes_sd_configs: pods([exporter.namespace]),
  relabel_configs: [...only(exporter), copy("__meta_kubernetes_pod_node_name", "node")],
});

/** All that is asked of kube-state-metrics; it doesn't even make the others. */
export const objectSeries = [
  "kube_pod_container_status_restarts_total",
  "kube_pod_container_status_last_terminated_reason",
  "kube_pod_container_status_waiting_reason",
  "kube_deployment_spec_replicas",
  "kube_deployment_status_replicas_available",
  "kube_statefulset_replicas",
  "kube_statefulset_status_replicas_ready",
] as const;

/** A system's namespace has its name, and its objects end in the track's, or have it before what Kubernetes adds. */
export const objectsJob = (stateMetrics: Place, systems: readonly Scraped[]): Json => ({
  job_name: "objects",
  honor_labels: true,
  ...limits,
  sample_limit: 50_000,
  kubernetes_sd_configs: pods([stateMetrics.namespace]),
  relabel_configs: only(stateMetrics),
  metric_relabel_configs: [
    keep("__name__", objectSeries.join("|")),
    keep("namespace", systems.map(({ system }) => system).join("|")),
    copy("namespace", "system"),
    ...["pod", "deployment", "statefulset"].map((label) => ({
      action: "replace",
      source_labels: [label],
      regex: ".*-(stable|canary)(?:-.*)?",
      target_label: "track",
      replacement: "$1",
    })),
  ],
});

/** Whom the samples of a probe are about: a system, or what else is to answer. */
export const probedLabels = (target: string, systems: readonly Scraped[]): Readonly<Record<string, string>> =>
  systems.some(({ system }) => system === target) ? { system: target } : { target };

/** One target an address; the exporter is who is asked, the address is what the samples are about. */
export const probesJob = (
  { exporter, urls }: { exporter: string; urls: Readonly<Record<string, string>> },
  systems: readonly Scraped[],
): Json => ({
  job_name: "probes",
  metrics_path: "/probe",
  ...limits,
  params: { module: ["answers"] },
  static_configs: Object.entries(urls).map(([target, url]) => ({
    targets: [url],
    labels: probedLabels(target, systems),
  })),
  relabel_configs: [
    copy("__address__", "__param_target"),
    copy("__param_target", "instance"),
    { action: "replace", target_label: "__address__", replacement: exporter },
  ],
});
