import { toSeconds } from "../../plan/duration.ts";
import { type MetricName, metrics } from "../../plan/metrics.ts";
import type { Condition, Plan } from "../../plan/model.ts";
import type { SystemName } from "../../plan/systems.ts";
import { everyReading } from "../plan-rules.ts";
import { of } from "../promql.ts";
import { type Reading, recorded } from "../records.ts";
import { sources } from "../sources.ts";
import { type Dashboard, grafanaUnit, type Line, type Panel } from "./panel.ts";

type Layout = (plan: Plan, all: readonly Plan[]) => readonly Panel[];

const everywhere: readonly MetricName[] = [
  "error-ratio",
  "success-ratio",
  "latency-p95",
  "latency-p99",
  "memory",
  "memory-ratio",
  "cpu",
];
const consensus: readonly SystemName[] = ["dwcp-probft", "dwcp-bullshark", "dwcp-tpbft"];

/** What the plans' own dashboards show, by the title that the plan gives them; any other shows all that is measured. */
const layouts: Readonly<Record<string, Layout>> = {
  "Canary Health Overview": (plan) => [
    ...standing(plan),
    ...metricPanels(plan, only(everywhere, ["throughput", "circuit-breaker-trips", "integrity-violations"])),
  ],
  "DWCP Manager Monitoring": (plan) =>
    metricPanels(
      plan,
      only(["health-check-ratio", "recovery-time", "circuit-breaker-trips", "cpu", "memory-ratio", "uptime"]),
    ),
  "Consensus Performance": (_, all) =>
    all
      .filter(({ system }) => consensus.includes(system))
      .flatMap((plan) =>
        metricPanels(
          plan,
          only([
            "consensus-time",
            "confirmation-latency",
            "committed-transactions",
            "performance-improvement",
            "message-reduction",
            "byzantine-tolerance",
            "byzantine-attacks",
          ]),
        ).map((panel) => ({ ...panel, title: `${plan.system}: ${panel.title}` })),
      ),
  "Resource Allocation (MADDPG)": (plan) => [
    ...metricPanels(plan, only(["efficiency-improvement", "resource-starvations", "cpu", "memory-ratio"])),
    raw(
      "Reward of the agents",
      "what the learned policy thinks of itself",
      of("maddpg_agent_reward", plan.system),
      "{{agent}} {{track}}",
    ),
    raw(
      "Rebalances",
      "by result",
      `sum by (track, result) (rate(${of("maddpg_rebalances_total", plan.system)}[5m]))`,
      "{{result}} {{track}}",
      "ops",
    ),
  ],
  "DWCP v3 Rollout Overview": (plan) => standing(plan),
  "DWCP v3 vs v1 Comparison": (plan) => metricPanels(plan, only(["datacenter-throughput", "latency-p95", "memory"])),
  "DWCP v3 Compression Metrics": (plan) => [
    ...metricPanels(plan, only(["compression-savings", "bandwidth-savings"])),
    raw(
      "Savings by mode",
      "bytes not sent of those there were",
      `1 - sum by (mode) (rate(${of("dwcp_v3_compressed_bytes_total", plan.system)}[15m])) / (sum by (mode) (rate(${of("dwcp_v3_uncompressed_bytes_total", plan.system)}[15m])) > 0)`,
      "{{mode}}",
      "percentunit",
    ),
  ],
  "DWCP v3 Security Dashboard": (plan) => [
    ...metricPanels(plan, only(["byzantine-successes", "security-incidents", "data-losses"])),
    raw(
      "Byzantine attempts",
      "fended off or not",
      `sum by (track) (rate(${of("dwcp_v3_byzantine_attempts_total", plan.system)}[5m]))`,
      "{{track}}",
      "ops",
    ),
  ],
  "DWCP v3 Error Tracking": (plan) => [
    ...metricPanels(
      plan,
      only(["error-ratio", "live-migration-ratio", "cross-datacenter-migration-ratio", "interoperability-ratio"]),
    ),
    raw(
      "Errors by type",
      "as the pods call them",
      `sum by (track, type) (rate(${of("dwcp_v3_errors_total", plan.system)}[5m]))`,
      "{{type}} {{track}}",
      "ops",
    ),
  ],
};

interface Named {
  readonly uid: string;
  readonly title: string;
  readonly refresh: string;
  readonly layout: Layout;
  readonly plan: Plan;
}

/** One for each dashboard that a plan names, and one of all. */
export function dashboards(plans: readonly Plan[]): Dashboard[] {
  const all = plans.flatMap((plan) => namedBy(plan, plans));
  const once = [...new Map(all.map((one) => [one.uid, one])).values()];
  return [everyRollout(plans), ...once.map(({ layout, plan, ...rest }) => ({ ...rest, panels: layout(plan, plans) }))];
}

/** Where to look first when a system's alert fires: uid by system. */
export const firstDashboards = (plans: readonly Plan[]): Readonly<Record<string, string>> =>
  Object.fromEntries(plans.map((plan) => [plan.system, namedBy(plan, plans)[0]?.uid ?? "rollouts"]));

function namedBy(plan: Plan, plans: readonly Plan[]): Named[] {
  return plan.dashboards.map(({ title, refresh }) => {
    // The family shares titles; each of its systems has a picture of its own.
    const shared = plans.filter((one) => one.dashboards.some((other) => other.title === title)).length > 1;
    const perSystem = shared && title !== "Consensus Performance";
    return {
      uid: slug(perSystem ? `${title}-${plan.system.replace("dwcp-", "")}` : title),
      title: perSystem ? `${title}: ${plan.title}` : title,
      // Pictures that change more often than their data only repeat it.
      refresh:
        refresh && toSeconds(refresh) >= toSeconds(plan.scrapeInterval.value) ? refresh : plan.scrapeInterval.value,
      layout: layouts[title] ?? whole,
      plan,
    };
  });
}

const slug = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")
    .slice(0, 40);

const whole: Layout = (plan) => [...standing(plan), ...metricPanels(plan, () => true)];

const only =
  (...names: readonly (readonly MetricName[])[]) =>
  (metric: MetricName) =>
    names.flat().includes(metric);

/** A panel for each metric that is read now, with target and alert lines of the plan. */
function metricPanels(plan: Plan, wanted: (metric: MetricName) => boolean): Panel[] {
  const shortest = new Map<MetricName, Reading>();
  for (const reading of everyReading(plan, "production")) {
    if (toSeconds(reading.window) > 86_400 || !wanted(reading.metric)) continue;
    const other = shortest.get(reading.metric);
    // Five minutes are calmer to look at than one, and quicker than a day.
    if (!other || Math.abs(toSeconds(reading.window) - 300) < Math.abs(toSeconds(other.window) - 300))
      shortest.set(reading.metric, reading);
  }
  return [...shortest.values()].map((reading) => ({
    title: metrics[reading.metric].what,
    description: `${reading.metric} over ${reading.window}; lines are what the plan wants and where it warns`,
    kind: "timeseries",
    unit: grafanaUnit[metrics[reading.metric].unit],
    queries: [{ expr: recorded(reading, plan.system), legend: "{{track}} {{seen_by}}" }],
    lines: linesOf(plan, reading.metric),
  }));
}

function linesOf({ alerts, objectives }: Plan, metric: MetricName): Line[] {
  const about = (one: Condition) => one.metric === metric && !one.against;
  const lines: Line[] = [
    ...objectives.filter(about).map(({ value }) => ({ at: value, colour: "green" as const })),
    ...alerts.filter(about).map(({ value, severity }) => ({
      at: value,
      colour: severity === "critical" ? ("red" as const) : ("orange" as const),
    })),
  ];
  return lines.sort((a, b) => a.at - b.at);
}

const stat = (title: string, description: string, expr: string, unit = "short"): Panel => ({
  title,
  description,
  kind: "stat",
  unit,
  queries: [{ expr, legend: "" }],
});

const raw = (title: string, description: string, expr: string, legend: string, unit = "short"): Panel => ({
  title,
  description,
  kind: "timeseries",
  unit,
  queries: [{ expr, legend }],
});

/** Where the rollout is and what is said against it. */
function standing({ system }: Plan): Panel[] {
  return [
    stat(
      "Percent",
      "what the analyzer sees the canary get",
      of("rampart_rollout_weight", system, 'track="canary"'),
      "percent",
    ),
    {
      title: "Attempt, revision, phase",
      description: "as the analyzer says",
      kind: "table",
      unit: "short",
      queries: [{ expr: of("rampart_rollout_info", system), legend: "" }],
    },
    {
      title: "Alerts that fire",
      description: "by severity; a click on one leads to its runbook in Alertmanager",
      kind: "table",
      unit: "short",
      queries: [{ expr: `ALERTS{alertstate="firing",system="${system}"}`, legend: "" }],
    },
    {
      title: "What the phase has to hold",
      description: "each criterion's value; the verdict about it is the analyzer's",
      kind: "table",
      unit: "short",
      queries: [{ expr: of("system:criterion:value", system), legend: "" }],
    },
    raw("Requests", "per second, by track", `sum by (track) (rate(${requestsOf(system)}[1m]))`, "{{track}}", "reqps"),
    raw("Pods that answer", "by track", `sum by (track) (${of("up", system, 'job="systems"')})`, "{{track}}"),
  ];
}

const requestsOf = (system: SystemName) => of(sources[system].requests, system);

function everyRollout(plans: readonly Plan[]): Dashboard {
  return {
    uid: "rollouts",
    title: "Where is every rollout?",
    refresh: "15s",
    panels: [
      {
        title: "Rollouts",
        description: "attempt, revision and phase of each",
        kind: "table",
        unit: "short",
        queries: [{ expr: "max by (system, attempt, revision, phase) (rampart_rollout_info)", legend: "" }],
      },
      raw(
        "Percent",
        "what the canary gets",
        'max by (system) (rampart_rollout_weight{track="canary"})',
        "{{system}}",
        "percent",
      ),
      {
        title: "Alerts",
        description: "how many fire",
        kind: "table",
        unit: "short",
        queries: [{ expr: 'count by (system, severity, kind) (ALERTS{alertstate="firing"})', legend: "" }],
      },
      {
        title: "Triggers",
        description: "what has ended an attempt, or is about to",
        kind: "table",
        unit: "short",
        queries: [{ expr: 'ALERTS{kind="trigger"}', legend: "" }],
      },
      raw("Error budget", "what fails, over an hour", "system:slo_error_ratio:1h", "{{system}}", "percentunit"),
      raw("Silent pods", "that don't answer", 'count by (system) (up{job="systems"} == 0)', "{{system}}"),
      raw(
        "Rules",
        "seconds that a group of rules takes",
        "max by (rule_group) (prometheus_rule_group_last_duration_seconds)",
        "{{rule_group}}",
        "s",
      ),
      raw("Series", "that Prometheus holds", "max(prometheus_tsdb_head_series)", "series"),
      ...plans.map(({ system, title }) =>
        raw(
          `${title}: requests`,
          "per second, by track",
          `sum by (track) (rate(${requestsOf(system)}[1m]))`,
          "{{track}}",
          "reqps",
        ),
      ),
    ],
  };
}
