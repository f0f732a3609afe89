import type { Plan } from "../plan/model.ts";
import { guide, pascal, type RuleOptions } from "./labels.ts";
import { of } from "./promql.ts";
import type { AlertingRule, RuleGroup } from "./rule.ts";
import type { Runbook } from "./runbooks.ts";

export interface OutsideOptions extends RuleOptions {
  readonly objects: boolean;
  readonly nodes: boolean;
  /** What is probed: systems by name, and whatever else. */
  readonly probed: readonly string[];
}

/** What pods can't say of themselves: the cluster's objects, the nodes below them, and whether they can be reached. */
export function outsideRules(plans: readonly Plan[], options: OutsideOptions): RuleGroup[] {
  const groups: RuleGroup[] = [
    { name: "objects", interval: "15s", rules: options.objects ? plans.flatMap((one) => ofObjects(one, options)) : [] },
    { name: "nodes", interval: "15s", rules: options.nodes ? ofNodes(options) : [] },
    { name: "probes", interval: "15s", rules: options.probed.flatMap((one) => ofProbe(one, plans, options)) },
  ];
  return groups.filter(({ rules }) => rules.length > 0);
}

interface Wording {
  readonly alert: string;
  readonly severity: "critical" | "warning";
  readonly summary: string;
  readonly expr: string;
  readonly lasting?: AlertingRule["for"];
  readonly measure: string;
  readonly page: Runbook;
  readonly labels?: Readonly<Record<string, string>>;
}

const rule = (
  { alert, severity, summary, expr, lasting, measure, page, labels }: Wording,
  options: RuleOptions,
): AlertingRule => ({
  alert,
  expr,
  ...(lasting && { for: lasting }),
  labels: { kind: "outside", severity, measure, ...labels },
  annotations: {
    summary,
    description:
      "{{ $labels.system }}{{ with $labels.track }} ({{ . }}){{ end }}{{ $labels.node }} {{ $labels.instance }}",
    ...guide(page, options),
  },
});

const perTrack = (expression: string) => `sum by (system, track) (${expression})`;

function ofObjects({ system, title }: Plan, options: RuleOptions): AlertingRule[] {
  const restarts = `increase(${of("kube_pod_container_status_restarts_total", system)}[10m])`;
  const killed = of("kube_pod_container_status_last_terminated_reason", system, 'reason="OOMKilled"');
  const missing = (wanted: string, there: string) => `${perTrack(of(wanted, system))} > ${perTrack(of(there, system))}`;
  const about = (one: Omit<Wording, "labels" | "alert"> & { name: string }) =>
    rule(
      { ...one, alert: `${pascal(system)}${one.name}`, summary: `${title}: ${one.summary}`, labels: { system } },
      options,
    );
  return [
    about({
      name: "CrashLoop",
      severity: "critical",
      summary: "a container ends again and again",
      expr: `${perTrack(restarts)} > 2`,
      measure: "restarts",
      page: "objects",
    }),
    about({
      name: "OutOfMemoryKill",
      severity: "critical",
      summary: "a container was killed at its memory limit",
      expr: perTrack(`${restarts} > 0 and on (namespace, pod, container) ${killed} == 1`),
      measure: "memory-kills",
      page: "resources",
    }),
    about({
      name: "ReplicasMissing",
      severity: "warning",
      summary: "fewer pods are ready than there should be",
      expr: [
        missing("kube_deployment_spec_replicas", "kube_deployment_status_replicas_available"),
        missing("kube_statefulset_replicas", "kube_statefulset_status_replicas_ready"),
      ].join("\n  or "),
      lasting: "5m",
      measure: "replicas",
      page: "objects",
    }),
  ];
}

function ofNodes(options: RuleOptions): AlertingRule[] {
  const memory = (name: string) => `sum by (node) (node_memory_${name}_bytes{job="nodes"})`;
  const used = `1 - ${memory("MemAvailable")} / ${memory("MemTotal")}`;
  const busy = '1 - avg by (node) (rate(node_cpu_seconds_total{job="nodes",mode="idle"}[5m]))';
  const disk = 'max by (node, device) (rate(node_disk_io_time_seconds_total{job="nodes",device!~"dm-.*|loop.*"}[5m]))';
  const about = (one: Omit<Wording, "measure" | "page" | "severity">) =>
    rule({ ...one, severity: "warning", measure: "node", page: "nodes" }, options);
  return [
    about({
      alert: "NodeKillsForMemory",
      summary: "the kernel has killed a process because memory ran out",
      expr: 'sum by (node) (increase(node_vmstat_oom_kill{job="nodes"}[10m])) > 0',
    }),
    about({
      alert: "NodeMemoryLow",
      summary: "less than a tenth of a node's memory is left",
      expr: `${used} > 0.9`,
      lasting: "15m",
    }),
    about({
      alert: "NodeCpuBusy",
      summary: "a node's processors have hardly a pause",
      expr: `${busy} > 0.95`,
      lasting: "30m",
    }),
    about({
      alert: "NodeDiskBusy",
      summary: "a node's disk is busy all the time",
      expr: `${disk} > 0.85`,
      lasting: "15m",
    }),
  ];
}

/** A system that users can't reach pages; what else doesn't answer can wait for the morning. */
function ofProbe(target: string, plans: readonly Plan[], options: RuleOptions): AlertingRule[] {
  const plan = plans.find(({ system }) => system === target);
  const where = plan ? `system="${plan.system}"` : `target="${target}"`;
  const by = plan ? "system" : "target";
  const labels: Record<string, string> = plan ? { system: plan.system } : { target };
  const common = { measure: "probe", page: "availability", labels } as const;
  const name = plan?.title ?? target;
  const left = `min by (${by}) (probe_ssl_earliest_cert_expiry{job="probes",${where}}) - time()`;
  return [
    rule(
      {
        ...common,
        alert: `${pascal(target)}Unreachable`,
        severity: plan ? "critical" : "warning",
        summary: `${name}: no answer to somebody outside`,
        expr: `max by (${by}) (probe_success{job="probes",${where}}) == 0`,
        lasting: plan ? "30s" : "2m",
      },
      options,
    ),
    rule(
      {
        ...common,
        alert: `${pascal(target)}CertificateEnds`,
        severity: "warning",
        summary: `${name}: the certificate is valid for less than two weeks`,
        expr: `${left} < 14 * 86400`,
        lasting: "1h",
      },
      options,
    ),
  ];
}
