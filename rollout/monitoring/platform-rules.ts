import { guide, type RuleOptions } from "./labels.ts";
import type { AlertingRule, RuleGroup } from "./rule.ts";
import type { Runbook } from "./runbooks.ts";

export interface PlatformOptions extends RuleOptions {
  /** Whether the analyzer is scraped; what isn't expected can't be missed. */
  readonly analyzer: boolean;
  readonly alertmanagers: number;
}

/** Who watches the watchers, and what says that somebody drills or works. */
export function platformRules(options: PlatformOptions): RuleGroup[] {
  const rule = (
    name: string,
    severity: string,
    summary: string,
    expr: string,
    {
      lasting,
      page = "monitoring",
      kind = "meta",
    }: { lasting?: AlertingRule["for"]; page?: Runbook; kind?: string } = {},
  ): AlertingRule => ({
    alert: name,
    expr,
    ...(lasting && { for: lasting }),
    labels: { kind, severity, measure: "monitoring" },
    annotations: {
      summary,
      description: "{{ $labels.system }}{{ $labels.job }} {{ $labels.instance }}",
      ...guide(page, options),
    },
  });
  const own = 'job="prometheus"';
  const analyzer = [
    rule(
      "AnalyzerDown",
      "critical",
      "no analyzer answers, so nothing is passed and nothing taken down",
      'absent(up{job="analyzer"} == 1)',
      {
        lasting: "10s",
      },
    ),
    rule(
      "DrainFailed",
      "critical",
      "an attempt was ended, but its traffic could not be taken away",
      "sum by (system) (increase(rampart_drain_failures_total[5m])) > 0 or sum by (system) (rampart_drain_failures_total unless rampart_drain_failures_total offset 5m) > 0",
    ),
  ];
  return [
    {
      name: "platform",
      interval: "5s",
      rules: [
        rule("Watchdog", "none", "always firing: whoever stops hearing it raises the alarm", "vector(1)"),
        rule(
          "RolloutDrill",
          "none",
          "a drill is on: warnings of this system wait",
          "max by (system) (rampart_drill_active) == 1",
          { kind: "inhibitor" },
        ),
        rule(
          "MaintenanceWindow",
          "none",
          "planned work is on: warnings of this system wait",
          "max by (system) (rampart_maintenance_active) == 1",
          {
            kind: "inhibitor",
          },
        ),
        ...(options.analyzer ? analyzer : []),
        rule(
          "RuleEvaluationFails",
          "critical",
          "rules can't be evaluated",
          `increase(prometheus_rule_evaluation_failures_total{${own}}[5m]) > 0`,
        ),
        rule(
          "RuleEvaluationLate",
          "warning",
          "a group of rules takes longer than its interval",
          `increase(prometheus_rule_group_iterations_missed_total{${own}}[5m]) > 0`,
          { lasting: "5m" },
        ),
        rule(
          "ConfigReloadFailed",
          "critical",
          "the last change of the config was not taken up",
          'prometheus_config_last_reload_successful{job="prometheus"} == 0 or alertmanager_config_last_reload_successful{job="alertmanager"} == 0',
          {
            lasting: "1m",
          },
        ),
        rule(
          "AlertsNotDelivered",
          "critical",
          "alerts don't reach an Alertmanager",
          `increase(prometheus_notifications_dropped_total{${own}}[5m]) > 0 or prometheus_notifications_alertmanagers_discovered{${own}} < ${options.alertmanagers}`,
          {
            lasting: "1m",
          },
        ),
        rule(
          "NotificationsFail",
          "critical",
          "an Alertmanager can't reach a receiver",
          'sum by (integration) (increase(alertmanager_notifications_failed_total{job="alertmanager"}[5m])) > 0',
          {
            lasting: "1m",
          },
        ),
        rule(
          "MonitoringPartDown",
          "warning",
          "a part of the monitoring doesn't answer",
          'up{job=~"prometheus|alertmanager|gateway"} == 0',
          {
            lasting: "30s",
          },
        ),
        rule(
          "TooManySeries",
          "warning",
          "a target is close to its limit of samples",
          "scrape_samples_post_metric_relabeling > 0.8 * 5000",
          {
            lasting: "5m",
          },
        ),
        rule(
          "AlertStorm",
          "info",
          "more alerts fire than anybody can read",
          'count(ALERTS{alertstate="firing",kind!="inhibitor"}) > 30',
          { lasting: "5m" },
        ),
      ],
    },
  ];
}
