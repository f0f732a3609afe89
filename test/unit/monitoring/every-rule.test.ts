import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { pascal } from "../../../rollout/monitoring/labels.ts";
import { planRules } from "../../../rollout/monitoring/plan-rules.ts";
import { readingOf } from "../../../rollout/monitoring/records.ts";
import { type AlertingRule, isAlert, type RuleGroup } from "../../../rollout/monitoring/rule.ts";
import { sources } from "../../../rollout/monitoring/sources.ts";
import { type Duration, toSeconds } from "../../../rollout/plan/duration.ts";
import { metrics } from "../../../rollout/plan/metrics.ts";
import type { Condition, Plan, Trigger } from "../../../rollout/plan/model.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { neededFor, type RuleTest, runRuleTests } from "./promtool.ts";
import { coursesOf, named, type Series, sides, type Timeline, values } from "./simulated.ts";

const options = { environment: "production", runbookUrl: "https://example.com/runbooks" } as const;

type Bounded = Condition & { for: Duration };
interface Case {
  readonly rule: AlertingRule;
  readonly condition: Bounded;
}

/** Every alert and every measured trigger beside the rule made of it. */
function casesOf(plan: Plan, groups: readonly RuleGroup[]): Case[] {
  const rules = groups.flatMap(({ rules }) => rules.filter(isAlert));
  const phases = [...plan.ladders.production.normal, ...(plan.ladders.production.expedited ?? [])];
  const triggers = phases.flatMap((phase) =>
    phase.triggers
      .filter((one): one is Extract<Trigger, Condition> => "metric" in one)
      .map((one) => ({ phase: phase.name, one })),
  );
  const made = rules.filter(({ labels }) => labels.kind === "alert" || labels.kind === "trigger");
  return made.map((rule) => {
    const alert = plan.alerts.find(({ name }) => name === rule.alert);
    const trigger = triggers.find(
      ({ phase, one }) => one.id === rule.labels.trigger && rule.labels.phase!.split("|").includes(phase),
    );
    return { rule, condition: (alert ?? trigger!.one) as Bounded };
  });
}

/** The series of one test: well, ill, and well again; compared values stay beside what they are compared with. */
function seriesOf({ condition }: Case, plan: Plan, timeline: Timeline): Series[] {
  const { metric, against } = condition;
  const { system } = plan;
  const { well, ill } = sides(condition);
  const reference = metrics[metric].statistic === "proportion" ? 0.02 : 10;
  const canaryValue = (value: number) =>
    !against ? value : against.as === "ratio" ? reference * value : reference + value;
  const [good, bad] = [canaryValue(well), canaryValue(ill)];
  const bounds = [good, bad, reference];
  const counter = metric === "circuit-breaker-trips" ? sources[system].breakerTrips!.countedBy : system;
  const of = (value: number) => coursesOf(metric, system, value, "canary", bounds);
  const [before, during] = [of(good), of(bad)];
  const series = Object.keys(before).map((name) => ({
    series: named(name, counter, "canary"),
    values: values(
      [
        [before[name]!, timeline.well],
        [during[name]!, timeline.ill],
        [before[name]!, timeline.after],
      ],
      timeline.step,
    ),
  }));
  const all = timeline.well + timeline.ill + timeline.after;
  if (against?.of === "stable") {
    for (const [name, course] of Object.entries(coursesOf(metric, system, reference, "stable", bounds)))
      series.push({ series: named(name, system, "stable"), values: values([[course, all]], timeline.step) });
  } else if (against) {
    series.push({
      series: `rampart_baseline{system="${system}",metric="${metric}",of="${against.of}"}`,
      values: `${reference}x${all}`,
    });
  }
  if (metric !== "uptime" && metric !== "mixed-cluster-uptime")
    series.push({ series: named("up", system, "canary"), values: `1x${all}` });
  series.push({ series: `rampart_rollout_info{system="${system}",attempt="7",revision="abc"}`, values: `1x${all}` });
  return series;
}

function testOf(one: Case, plan: Plan, groups: readonly RuleGroup[]): RuleTest {
  const { rule, condition } = one;
  const window = toSeconds(readingOf(condition).window);
  const step = window > 3600 ? 1800 : window > 60 ? 60 : 15;
  const scrapes = (seconds: number) => Math.ceil(seconds / step) + 4;
  const keeps = rule.keep_firing_for ? toSeconds(rule.keep_firing_for) : 0;
  const timeline = {
    step,
    well: scrapes(window + toSeconds(condition.for)),
    ill: scrapes(window + toSeconds(condition.for)),
    after: scrapes(2 * window + keeps) + 4,
  };
  const matchers = { ...rule.labels, ...(rule.labels.kind === "trigger" && { attempt: "7", revision: "abc" }) };
  const firing = `count(ALERTS{alertname="${rule.alert}",alertstate="firing",${Object.entries(matchers)
    .map(([label, text]) => `${label}="${text}"`)
    .join(",")}}) > bool 0`;
  const end = (count: number) => (count - 1) * step;
  // An event is over in one go, and then only remembered.
  const soon = metrics[condition.metric].statistic === "count" ? Math.min(3, timeline.ill) : timeline.ill;
  return {
    name: rule.alert,
    groups: neededFor([rule.alert], groups),
    step,
    series: seriesOf(one, plan, timeline),
    expect: [
      { at: end(timeline.well), expr: firing },
      { at: end(timeline.well + soon), expr: firing, value: 1 },
      { at: end(timeline.well + timeline.ill + timeline.after), expr: firing },
    ],
  };
}

const told = (matchers: string) => `count(ALERTS{alertstate="firing",${matchers}}) > bool 0`;

function nothing(groups: readonly RuleGroup[]): RuleTest {
  const alerts = groups.flatMap(({ rules }) => rules.filter(isAlert).map(({ alert }) => alert));
  const expect = [2, 20].map((minutes) => ({ at: minutes * 60, expr: told('kind=~"alert|trigger|slo|silence"') }));
  return { name: "no data", groups: neededFor(alerts, groups), step: 15, series: [], expect };
}

/** A canary's pod that answers, hides what it counts, doesn't answer, and is well again: ten scrapes each. */
function silence({ system }: Plan, groups: readonly RuleGroup[]): RuleTest {
  const name = pascal(system);
  const series = [
    { series: named("up", system, "canary"), values: "1x19 0x9 1x19" },
    { series: named(sources[system].requests, system, "canary"), values: "0+10x9 stale _x9 200+10x29" },
  ];
  const isTold = (alert: string) => told(`alertname="${name}${alert}",system="${system}",track="canary"`);
  const at = (scrape: number, alert: string, value?: number) => ({
    at: scrape * 15,
    expr: isTold(alert),
    ...(value && { value }),
  });
  return {
    name: "silence",
    groups: neededFor([`${name}TrackSilent`, `${name}MetricsMissing`], groups),
    step: 15,
    series,
    expect: [
      at(9, "MetricsMissing"),
      at(18, "MetricsMissing", 1),
      at(28, "MetricsMissing"),
      at(18, "TrackSilent"),
      at(28, "TrackSilent", 1),
      at(44, "TrackSilent"),
    ],
  };
}

/** A leak shows after six hours, and alerts about alerts need their own; both have tests of their own. */
const elsewhere = new Set(["memory-leaks"]);

describe("every alert and trigger of the plans", function () {
  this.timeout(60_000);
  for (const plan of plans) {
    it(`${plan.system}: fires beyond its limit with its labels, not before it, and resolves`, async () => {
      const groups = planRules(plan, options);
      const cases = casesOf(plan, groups).filter(({ condition }) => !elsewhere.has(condition.metric));
      assert.equal(await runRuleTests(cases.map((one) => testOf(one, plan, groups))), "");
    });

    it(`${plan.system}: without any data nothing is judged; silence is told of, and that it is over`, async () => {
      const groups = planRules(plan, options);
      assert.equal(await runRuleTests([nothing(groups), silence(plan, groups)]), "");
    });
  }
});
