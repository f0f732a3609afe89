import type { Plan } from "../plan/model.ts";
import type { RuleGroup } from "./rule.ts";
import { type RuleFileOptions, ruleFiles } from "./rule-files.ts";
import {
  analyzerJob,
  databaseJob,
  databasesOf,
  gatewayJob,
  intervals,
  nodesJob,
  objectsJob,
  type Place,
  probedLabels,
  systemJob,
} from "./scrape-jobs.ts";

export interface OperatorOptions extends Pick<RuleFileOptions, "environment" | "runbookUrl"> {
  /** What the operator's Prometheus selects by; without the right ones it takes no notice. */
  readonly labels: Readonly<Record<string, string>>;
  readonly gateway?: Place;
  readonly analyzer?: Place;
  /** Those that the cluster has: they are scraped once more, for what our rules need under the names that they use. */
  readonly kubeStateMetrics?: Place;
  readonly nodeExporter?: Place;
  /** Where it answers, and which of its modules asks as a user would. */
  readonly blackboxExporter?: { readonly address: string; readonly module: string };
  /** Addresses that users have, by system. */
  readonly probes?: Readonly<Record<string, string>>;
}

/** An object of the Prometheus operator, without its namespace. */
export interface OperatorObject {
  readonly kind: "PrometheusRule" | "PodMonitor" | "Probe";
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The same rules and scrapes for a Prometheus that somebody else runs; whom it calls, and whether it is well, is theirs. */
export function operatorObjects(plans: readonly Plan[], options: OperatorOptions): OperatorObject[] {
  const { gateway, analyzer, labels, kubeStateMetrics, nodeExporter, blackboxExporter, probes = {} } = options;
  const files = ruleFiles(plans, {
    ...options,
    analyzer: analyzer !== undefined,
    alertmanagers: 0,
    objects: kubeStateMetrics !== undefined,
    nodes: nodeExporter !== undefined,
    probed: blackboxExporter ? Object.keys(probes) : [],
  });
  const jobs = [
    ...intervals(plans).map(([interval, systems]) => systemJob(interval, systems)),
    ...intervals(databasesOf(plans)).map(([interval, systems]) => databaseJob(interval, systems)),
    ...(gateway ? [gatewayJob(gateway, plans)] : []),
    ...(analyzer ? [analyzerJob(analyzer)] : []),
    ...(nodeExporter ? [nodesJob(nodeExporter)] : []),
    ...(kubeStateMetrics ? [objectsJob(kubeStateMetrics, plans)] : []),
  ] as unknown as Job[];
  return [
    ...Object.entries(files).map(([file, groups]) => ({
      kind: "PrometheusRule" as const,
      name: `rampart-${file}`,
      labels,
      spec: { groups: groups.map(named) },
    })),
    ...jobs.map((job) => ({
      kind: "PodMonitor" as const,
      name: `rampart-${job.job_name}`,
      labels,
      spec: monitor(job),
    })),
    ...Object.entries(blackboxExporter ? probes : {}).map(([target, url]) => ({
      kind: "Probe" as const,
      name: `rampart-${target}`,
      labels,
      spec: {
        jobName: "probes",
        prober: { url: blackboxExporter!.address },
        module: blackboxExporter!.module,
        targets: { staticConfig: { static: [url], labels: probedLabels(target, plans) } },
      },
    })),
  ];
}

/** Names are for all rules of that Prometheus together. */
const named = (group: RuleGroup): RuleGroup => ({ ...group, name: `rampart.${group.name}` });

interface Relabeling {
  readonly action: string;
  readonly regex?: string;
  readonly replacement?: string;
  readonly source_labels?: readonly string[];
  readonly target_label?: string;
}

/** The parts of a scrape config that ours have. */
interface Job {
  readonly job_name: string;
  readonly scrape_interval?: string;
  readonly scrape_timeout?: string;
  readonly metrics_path?: string;
  readonly honor_labels?: boolean;
  readonly params?: Readonly<Record<string, readonly string[]>>;
  readonly sample_limit: number;
  readonly label_limit: number;
  readonly label_value_length_limit: number;
  readonly kubernetes_sd_configs: readonly { readonly namespaces: { readonly names: readonly string[] } }[];
  readonly relabel_configs: readonly Relabeling[];
  readonly metric_relabel_configs?: readonly Relabeling[];
}

const portName = "__meta_kubernetes_pod_container_port_name";

/** Which pods count is left to the relabelling, as it is without an operator. */
function monitor(job: Job): Record<string, unknown> {
  const port = job.relabel_configs.find(({ source_labels }) => source_labels?.includes(portName))?.regex;
  return {
    selector: {},
    namespaceSelector: { matchNames: job.kubernetes_sd_configs.flatMap(({ namespaces }) => namespaces.names) },
    sampleLimit: job.sample_limit,
    labelLimit: job.label_limit,
    labelValueLengthLimit: job.label_value_length_limit,
    podMetricsEndpoints: [
      {
        ...(port && { port }),
        relabelings: [...job.relabel_configs, ...ownName(job)].map(relabeling),
        ...(job.metric_relabel_configs && { metricRelabelings: job.metric_relabel_configs.map(relabeling) }),
        ...(job.scrape_interval && { interval: job.scrape_interval }),
        ...(job.scrape_timeout && { scrapeTimeout: job.scrape_timeout }),
        ...(job.metrics_path && { path: job.metrics_path }),
        ...(job.honor_labels && { honorLabels: true }),
        ...(job.params && { params: job.params }),
      },
    ],
  };
}

/** The operator calls a job after its object; rules know it by its own name. */
const ownName = ({ job_name, relabel_configs }: Job): Relabeling[] =>
  relabel_configs.some(({ target_label }) => target_label === "job")
    ? []
    : [{ action: "replace", target_label: "job", replacement: job_name }];

const relabeling = ({ source_labels, target_label, ...rest }: Relabeling) => ({
  ...rest,
  ...(source_labels && { sourceLabels: source_labels }),
  ...(target_label && { targetLabel: target_label }),
});
