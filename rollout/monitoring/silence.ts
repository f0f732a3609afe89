import type { Plan } from "../plan/model.ts";
import type { SystemName } from "../plan/systems.ts";
import { guide, pascal, type RuleOptions } from "./labels.ts";
import { of, raw } from "./promql.ts";
import type { AlertingRule, RecordingRule } from "./rule.ts";
import { sources } from "./sources.ts";

/** Series that several metrics and all triggers stand on. */
export function foundations(system: SystemName): RecordingRule[] {
  const up = of("up", system, 'job="systems"');
  const offered = (series: string) => `sum by (system) (rate(${series}[1m]))`;
  return [
    { record: "system:up:max", expr: `max by (system) (${up})` },
    { record: "system:up:min", expr: `min by (system) (${up})` },
    // What arrives, whether or not it is answered; the proxy knows it even of a system that hangs. Load that is made
    // on purpose is as much as anybody wants.
    {
      record: "system:offered:1m",
      expr: [
        `(max by (system) (${of("loadtest_active", system)}) == 1) * Inf`,
        offered(of("envoy_cluster_upstream_rq_total", system)),
        offered(raw(sources[system].requests, system)),
      ].join("\n  or "),
    },
    // Two analyzers may for a moment know two attempts: the later one is it. Without any analyzer there is still a 1.
    {
      record: "system:attempt:info",
      expr: `topk by (system) (1, max by (system, attempt, revision) (${of("rampart_rollout_info", system)}))\n  or on (system) label_replace(vector(1), "system", "${system}", "", "")`,
    },
    ...(system === "distributed-postgres"
      ? [
          {
            record: "system_scope:patroni_timeline:max",
            expr: `max by (system, scope) (${of("patroni_postgres_timeline", system)})`,
          },
        ]
      : []),
  ];
}

/** No data never passes for health: whoever falls silent is called. */
export function silenceRules(plan: Plan, options: RuleOptions): AlertingRule[] {
  const { system } = plan;
  const up = of("up", system, 'job="systems"');
  const requests = raw(sources[system].requests, system);
  const rule = (
    name: string,
    severity: string,
    summary: string,
    expr: string,
    lasting?: AlertingRule["for"],
  ): AlertingRule => ({
    alert: `${pascal(system)}${name}`,
    expr,
    ...(lasting && { for: lasting }),
    labels: { kind: "silence", severity, system, measure: "silence" },
    annotations: {
      summary: `${plan.title}: ${summary}`,
      description:
        "{{ $labels.system }}{{ with $labels.track }} ({{ . }}){{ end }}{{ with $labels.pod }}, pod {{ . }}{{ end }}.",
      ...guide("silence", options),
    },
  });
  // Two scrapes in a row, where the plan leaves the time for them.
  const soon = plan.alertWithin ? undefined : "30s";
  const tracks = (series: string) => `max by (system, track) (${series})`;
  return [
    rule("TrackSilent", "critical", "no pod of a track answers", `${tracks(up)} == 0`, soon),
    rule("PodSilent", "warning", "a pod doesn't answer", `${up} == 0`, "1m"),
    rule(
      "TrackGone",
      "critical",
      "a track that should have traffic has no pods",
      `${tracks(of("rampart_rollout_weight", system))} > 0 unless on (system, track) ${tracks(up)}`,
      "30s",
    ),
    rule(
      "StableGone",
      "critical",
      "the stable track had pods a moment ago and has none now",
      `${tracks(`max_over_time(${of("up", system, 'job="systems",track="stable"')}[15m])`)} unless on (system, track) ${tracks(up)}`,
      "30s",
    ),
    rule(
      "MetricsMissing",
      "critical",
      "pods answer, but don't count requests",
      `${tracks(up)} == 1 unless on (system, track) ${tracks(requests)}`,
      "30s",
    ),
    // Only counters that were there a minute ago: a new pod may have answered many before anybody looked at it.
    rule(
      "MetricsFrozen",
      "critical",
      "the proxy sees requests, the pods count none",
      `sum by (system, track) (rate(${of("envoy_cluster_upstream_rq_total", system)}[1m])) > 1 and on (system, track) sum by (system, track) (increase(${requests}[1m]) and ${requests} offset 1m) == 0`,
      "30s",
    ),
  ];
}
