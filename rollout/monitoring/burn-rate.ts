import type { Objective, Plan } from "../plan/model.ts";
import { guide, pascal, provenance, type RuleOptions } from "./labels.ts";
import { of, rateOf, raw, zeroWhere } from "./promql.ts";
import type { AlertingRule, RecordingRule, Rule } from "./rule.ts";
import { sources } from "./sources.ts";

/** How fast a month's budget may be spent: 2 % of it in an hour, 5 % in six, 10 % in one day, and in three. */
const pages = [
  { factor: 14.4, short: "5m", long: "1h" },
  { factor: 6, short: "30m", long: "6h" },
] as const;
const tickets = [
  { factor: 3, short: "2h", long: "1d" },
  { factor: 1, short: "6h", long: "3d" },
] as const;

/** The promise to users: of several lines about the same requests the widest; the narrower ones are ambitions. */
export function serviceLevel(plan: Plan): { objective: Objective; budget: number } | undefined {
  const shares = plan.objectives
    .filter(({ metric, against }) => (metric === "error-ratio" || metric === "success-ratio") && !against)
    .map((objective) => ({
      objective,
      budget: round(objective.metric === "error-ratio" ? objective.value : 1 - objective.value),
    }));
  return shares.sort((a, b) => b.budget - a.budget)[0];
}

const round = (share: number) => Number(share.toFixed(9));

export function burnRateRules(plan: Plan, options: RuleOptions): Rule[] {
  const level = serviceLevel(plan);
  if (!level) return [];
  const { system } = plan;
  const { budget, objective } = level;
  const requests = raw(sources[system].requests, system);
  const rates: RecordingRule[] = [
    { record: "system:slo_requests:rate1m", expr: `sum by (system) (${rateOf(requests, "1m")})` },
    {
      record: "system:slo_errors:rate1m",
      expr: `sum by (system) (${zeroWhere(rateOf(raw(sources[system].errors, system), "1m"), rateOf(requests, "1m"))})`,
    },
  ];
  const windows = [...new Set([...pages, ...tickets].flatMap(({ short, long }) => [short, long]))];
  // Sums of rates weigh each minute by its traffic, which an average of ratios would not.
  const shares = windows.map((window) => ({
    record: `system:slo_error_ratio:${window}`,
    expr: `sum_over_time(${of("system:slo_errors:rate1m", system)}[${window}]) / (sum_over_time(${of("system:slo_requests:rate1m", system)}[${window}]) > 0)`,
  }));
  const burns = (some: typeof pages | typeof tickets) =>
    some
      // A budget of a tenth can't burn fourteen times as fast as it lasts.
      .filter(({ factor }) => factor * budget < 1)
      .map(({ factor, short, long }) =>
        [short, long]
          .map((window) => `${of(`system:slo_error_ratio:${window}`, system)} > ${factor} * ${budget}`)
          .join(" and on (system) "),
      )
      .map((both) => `(${both})`)
      .join("\n  or ");
  const alert = (name: string, severity: string, lasting: AlertingRule["for"], expr: string): AlertingRule => ({
    alert: `${pascal(system)}ErrorBudget${name}`,
    expr,
    ...(lasting && { for: lasting }),
    labels: { kind: "slo", severity, system, measure: "error-budget", ...provenance(objective) },
    annotations: {
      summary: `${plan.title}: the error budget of ${Number((100 * budget).toFixed(4))} % is being used up too fast`,
      description: "{{ $value | humanizePercentage }} of the requests fail.",
      ...guide("error-budget", options),
    },
  });
  return [
    ...rates,
    ...shares,
    alert("Page", "critical", "1m", burns(pages)),
    alert("Ticket", "warning", "15m", burns(tickets)),
  ];
}
