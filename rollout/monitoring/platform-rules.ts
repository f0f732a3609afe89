import { guide, type RuleOptions } from "./labels.ts";
import type { AlertingRule, RuleGroup } from "./rule.ts";

export interface PlatformOptions extends RuleOptions {
  /** Whether the analyzer is scraped; what isn't expected can't be missed. */
  readonly analyzer: boolean;
  /** 0 where Prometheus and Alertmanager are somebody else's, who looks after them. */
  readonly alertmanagers: number;
}

interface Wording {
  readonly alert: string;
  readonly severity: "critical" | "warning" | "info" | "none";
  readonly summary: string;
  readonly expr: string;
  readonly lasting?: AlertingRule["for"];
}

/** Who watches the watchers, and what says that somebody drills or works. */
export function platformRules(options: PlatformOptions): RuleGroup[] {
  const rule =
    (kind: string) =>
    ({ alert, severity, summary, expr, lasting }: Wording): AlertingRule => ({
      alert,
      expr,
      ...(lasting && { for: lasting }),
      labels: { kind, severity, measure: "monitoring" },
      annotations: {
        summary,
        description: "{{ $labels.system }}{{ $labels.job }} {{ $labels.instance }}",
        ...guide("monitoring", options),
      },
    });
  const rules = [
    ...inhibitors.map(rule("inhibitor")),
    ...(options.analyzer ? ofAnalyzer : []).map(rule("meta")),
    ...(options.alertmanagers > 0 ? ofWatchers(options.alertmanagers) : []).map(rule("meta")),
  ];
  return [{ name: "platform", interval: "5s", rules }];
}

const inhibitors: readonly Wording[] = [
  {
    alert: "RolloutDrill",
    severity: "none",
    summary: "a drill is on: warnings of this system wait",
    expr: "max by (system) (rampart_drill_active) == 1",
  },
  {
    alert: "MaintenanceWindow",
    severity: "none",
    summary: "planned work is on: warnings of this system wait",
    expr: "max by (system) (rampart_maintenance_active) == 1",
  },
];

const ofAnalyzer: readonly Wording[] = [
  {
    alert: "AnalyzerDown",
    severity: "critical",
    summary: "no analyzer answers, so nothing is passed and nothing taken down",
    expr: 'absent(up{job="analyzer"} == 1)',
    lasting: "10s",
  },
  {
    alert: "DrainFailed",
    severity: "critical",
    summary: "an attempt was ended, but its traffic could not be taken away",
    expr: [
      "sum by (system) (increase(rampart_drain_failures_total[5m])) > 0",
      "sum by (system) (rampart_drain_failures_total unless rampart_drain_failures_total offset 5m) > 0",
    ].join(" or "),
  },
];

const own = 'job="prometheus"';
const theirs = 'job="alertmanager"';

const ofWatchers = (alertmanagers: number): readonly Wording[] => [
  {
    alert: "Watchdog",
    severity: "none",
    summary: "always firing: whoever stops hearing it raises the alarm",
    expr: "vector(1)",
  },
  {
    alert: "RuleEvaluationFails",
    severity: "critical",
    summary: "rules can't be evaluated",
    expr: `increase(prometheus_rule_evaluation_failures_total{${own}}[5m]) > 0`,
  },
  {
    alert: "RuleEvaluationLate",
    severity: "warning",
    summary: "a group of rules takes longer than its interval",
    expr: `increase(prometheus_rule_group_iterations_missed_total{${own}}[5m]) > 0`,
    lasting: "5m",
  },
  {
    alert: "ConfigReloadFailed",
    severity: "critical",
    summary: "the last change of the config was not taken up",
    expr: [
      `prometheus_config_last_reload_successful{${own}} == 0`,
      `alertmanager_config_last_reload_successful{${theirs}} == 0`,
    ].join(" or "),
    lasting: "1m",
  },
  {
    alert: "AlertsNotDelivered",
    severity: "critical",
    summary: "alerts don't reach an Alertmanager",
    expr: [
      `increase(prometheus_notifications_dropped_total{${own}}[5m]) > 0`,
      `prometheus_notifications_alertmanagers_discovered{${own}} < ${alertmanagers}`,
    ].join(" or "),
    lasting: "1m",
  },
  {
    alert: "NotificationsFail",
    severity: "critical",
    summary: "an Alertmanager can't reach a receiver",
    expr: `sum by (integration) (increase(alertmanager_notifications_failed_total{${theirs}}[5m])) > 0`,
    lasting: "1m",
  },
  {
    alert: "MonitoringPartDown",
    severity: "warning",
    summary: "a part of the monitoring doesn't answer",
    expr: 'up{job=~"prometheus|alertmanager|gateway|objects|nodes|probes"} == 0',
    lasting: "30s",
  },
  {
    alert: "TooManySeries",
    severity: "warning",
    summary: "a target is close to its limit of samples",
    expr: "scrape_samples_post_metric_relabeling > 0.8 * 5000",
    lasting: "5m",
  },
  {
    alert: "AlertStorm",
    severity: "info",
    summary: "more alerts fire than anybody can read",
    expr: 'count(ALERTS{alertstate="firing",kind!="inhibitor"}) > 30',
    lasting: "5m",
  },
];
