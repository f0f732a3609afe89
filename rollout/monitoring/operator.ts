import type { Plan } from "../plan/model.ts";
import type { RuleGroup } from "./rule.ts";
import { type RuleFileOptions, ruleFiles } from "./rule-files.ts";
import { analyzerJob, gatewayJob, intervals, type Place, systemJob } from "./scrape-jobs.ts";

export interface OperatorOptions extends Pick<RuleFileOptions, "environment" | "runbookUrl"> {
  /** What the operator's Prometheus selects by; without the right ones it takes no notice. */
  readonly labels: Readonly<Record<string, string>>;
  readonly gateway?: Place;
  readonly analyzer?: Place;
}

/** An object of the Prometheus operator, without its namespace. */
export interface OperatorObject {
  readonly kind: "PrometheusRule" | "PodMonitor";
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: Readonly<Record<string, unknown>>;
}

/** The same rules and scrapes for a Prometheus that somebody else runs; whom it calls, and whether it is well, is theirs. */
export function operatorObjects(plans: readonly Plan[], options: OperatorOptions): OperatorObject[] {
  const { gateway, analyzer, labels } = options;
  const files = ruleFiles(plans, {
    ...options,
    analyzer: analyzer !== undefined,
    alertmanagers: 0,
    objects: false,
    nodes: false,
    probed: [],
  });
  const jobs = [
    ...intervals(plans).map(([interval, systems]) => systemJob(interval, systems)),
    ...(gateway ? [gatewayJob(gateway, plans)] : []),
    ...(analyzer ? [analyzerJob(analyzer)] : []),
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
        relabelings: job.relabel_configs.map(relabeling),
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

const relabeling = ({ source_labels, target_label, ...rest }: Relabeling) => ({
  ...rest,
  ...(source_labels && { sourceLabels: source_labels }),
  ...(target_label && { targetLabel: target_label }),
});
