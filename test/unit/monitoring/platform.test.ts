import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { platformRules } from "../../../rollout/monitoring/platform-rules.ts";
import { isAlert } from "../../../rollout/monitoring/rule.ts";
import { type Case, runCases } from "./promtool.ts";

const options = { environment: "production", runbookUrl: "https://example.com/runbooks" } as const;
const groups = platformRules({ ...options, analyzer: true, alertmanagers: 2 });

const prometheus = (name: string, more = "") => `${name}{job="prometheus",instance="a"${more}}`;
const alertmanager = (name: string, more = "") => `${name}{job="alertmanager",instance="a"${more}}`;
const manyAlerts = (count: number, values: string) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`ALERTS{alertname="A${at}",alertstate="firing",kind="alert"}`, values]),
  );
const grows = "7x20 8x200";
const once = (series: string): Case => ({ well: { [series]: "7x60" }, ill: { [series]: grows }, after: 6 });
const up = 'up{job="nodes",instance="a"}';
const samples = 'scrape_samples_post_metric_relabeling{job="systems",instance="a"}';

const cases: Readonly<Record<string, Case>> = {
  RolloutDrill: {
    well: { 'rampart_drill_active{system="wdbx"}': "0x60" },
    ill: { 'rampart_drill_active{system="wdbx"}': "0x20 1x40 0x200" },
  },
  MaintenanceWindow: {
    well: { 'rampart_maintenance_active{system="wdbx"}': "0x60" },
    ill: { 'rampart_maintenance_active{system="wdbx"}': "0x20 1x40 0x200" },
  },
  DrainFailed: {
    well: { 'rampart_drain_failures_total{system="wdbx"}': "7x60" },
    ill: { 'rampart_drain_failures_total{system="wdbx"}': "7x20 8x200" },
    after: 6,
  },
  RuleEvaluationFails: once(prometheus("prometheus_rule_evaluation_failures_total", ',rule_group="g"')),
  RuleEvaluationLate: {
    well: { [prometheus("prometheus_rule_group_iterations_missed_total")]: "7x20 8x40" },
    ill: { [prometheus("prometheus_rule_group_iterations_missed_total")]: "0+1x60 60x200" },
  },
  ConfigReloadFailed: {
    well: {
      [prometheus("prometheus_config_last_reload_successful")]: "1x60",
      [alertmanager("alertmanager_config_last_reload_successful")]: "1x60",
    },
    ill: {
      [prometheus("prometheus_config_last_reload_successful")]: "1x20 0x40 1x200",
      [alertmanager("alertmanager_config_last_reload_successful")]: "1x300",
    },
  },
  AlertsNotDelivered: {
    well: { [prometheus("prometheus_notifications_alertmanagers_discovered")]: "2x60" },
    ill: { [prometheus("prometheus_notifications_alertmanagers_discovered")]: "2x20 1x40 2x200" },
  },
  NotificationsFail: {
    well: { [alertmanager("alertmanager_notifications_failed_total", ',integration="webhook"')]: "7x60" },
    ill: { [alertmanager("alertmanager_notifications_failed_total", ',integration="webhook"')]: "0+1x60 60x200" },
  },
  MonitoringPartDown: { well: { [up]: "1x20 0x1 1x40" }, ill: { [up]: "1x20 0x40 1x200" } },
  TooManySeries: { well: { [samples]: "3900x60" }, ill: { [samples]: "3900x10 4100x50 3900x200" } },
  AlertStorm: { well: manyAlerts(30, "1x60"), ill: manyAlerts(31, "1x60 stale") },
};
/** They fire without any series: one always, the other because there is none. */
const withoutSeries = ["AnalyzerDown", "Watchdog"];

describe("the rules about the watchers themselves", function () {
  this.timeout(60_000);

  it("are tried one by one, each of them", () => {
    const all = groups.flatMap(({ rules }) => rules.filter(isAlert)).map(({ alert }) => alert);
    assert.deepEqual(all.sort(), [...Object.keys(cases), ...withoutSeries].sort());
  });

  it("fire when they should until it is over, and are silent when all is well or nothing is known", async () => {
    assert.equal(await runCases(cases, groups), "");
  });
});
