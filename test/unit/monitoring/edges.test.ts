import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { planRules } from "../../../rollout/monitoring/plan-rules.ts";
import { platformRules } from "../../../rollout/monitoring/platform-rules.ts";
import type { SystemName } from "../../../rollout/plan/systems.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { neededFor, type RuleTest, runRuleTests } from "./promtool.ts";
import { named } from "./simulated.ts";

const options = { environment: "production", runbookUrl: "https://example.com/runbooks" } as const;
const groupsOf = (system: SystemName) => planRules(plans.find((plan) => plan.system === system)!, options);

const usualStep = 15;
const minutes = (count: number) => count * 60;
const firing = (alert: string, more = "") => `count(ALERTS{alertname="${alert}",alertstate="firing"${more}}) > bool 0`;
const anyOf = (kinds: string) => `count(ALERTS{alertstate="firing",kind=~"${kinds}"}) > bool 0`;
const yes = (at: number, expr: string) => ({ at, expr, value: 1 });
const no = (at: number, expr: string) => ({ at, expr });

interface Edge {
  readonly system: SystemName;
  readonly series: Record<string, string>;
  /** The only alerts that are looked at; left out, all rules of the system run. */
  readonly alert?: string | readonly string[];
  readonly step?: number;
  readonly expect: RuleTest["expect"];
}

const pod = (system: SystemName, track: "stable" | "canary", name: string, index = "0") =>
  named(name, system, track, index);
const wdbx = (track: "stable" | "canary", name: string, index = "0") => pod("wdbx", track, name, index);
/** A pod that answers 100 requests a second, for `scrapes`. */
const busy = (track: "stable" | "canary", scrapes: number, index = "0") => ({
  [wdbx(track, "up", index)]: `1x${scrapes}`,
  [wdbx(track, "wdbx_operations_total", index)]: `0+1500x${scrapes}`,
  [wdbx(track, 'wdbx_errors_total{type="internal"}', index)]: `0x${scrapes}`,
});

/** The third attempt is followed by the fourth at this scrape. */
const attempts = (system: SystemName, scrape: number) => ({
  [`rampart_rollout_info{system="${system}",attempt="3",revision="old",pod="a"}`]: `1x${scrape - 1} stale`,
  [`rampart_rollout_info{system="${system}",attempt="4",revision="new",pod="a"}`]: `_x${scrape} 1x80`,
});

const edges: Record<string, Edge> = {
  "no data at all: nothing but silence is told of": {
    system: "wdbx",
    series: { [wdbx("canary", "up")]: "1x40" },
    expect: [
      no(minutes(8), anyOf("alert|trigger|slo")),
      yes(minutes(8), firing("WdbxMetricsMissing", ',track="canary"')),
    ],
  },
  "zero traffic: nothing is told": {
    system: "wdbx",
    series: {
      [wdbx("canary", "up")]: "1x40",
      [wdbx("canary", "wdbx_operations_total")]: "500x40",
      [wdbx("canary", 'wdbx_errors_total{type="internal"}')]: "7x40",
      [wdbx("canary", 'wdbx_operation_duration_seconds_bucket{le="1"}')]: "400x40",
      [wdbx("canary", 'wdbx_operation_duration_seconds_bucket{le="+Inf"}')]: "500x40",
      [wdbx("canary", "wdbx_operation_duration_seconds_count")]: "500x40",
    },
    expect: [no(minutes(8), anyOf("alert|trigger|slo|silence"))],
  },
  "a restart is neither a loss of throughput nor an error": {
    system: "wdbx",
    series: {
      ...busy("stable", 40),
      [wdbx("stable", "wdbx_operations_total")]: "0+1500x19 0+1500x19",
      [wdbx("stable", 'wdbx_errors_total{type="internal"}')]: "90x19 0x19",
    },
    expect: [no(minutes(5), anyOf("alert|trigger|slo|silence")), no(minutes(6), anyOf("alert|trigger|slo|silence"))],
  },
  "one pod alone, one failed request of ten: no alarm": {
    system: "wdbx",
    alert: "WdbxSuccessLost",
    series: {
      [wdbx("canary", "wdbx_operations_total")]: "0+2x40",
      [wdbx("canary", 'wdbx_errors_total{type="internal"}')]: "0x20 1x20",
    },
    expect: [no(minutes(5) + 30, firing("WdbxSuccessLost"))],
  },
  "one pod alone, all of its few requests fail: alarm": {
    system: "wdbx",
    alert: "WdbxSuccessLost",
    series: {
      [wdbx("canary", "wdbx_operations_total")]: "0+2x40",
      [wdbx("canary", 'wdbx_errors_total{type="internal"}')]: "0x20 2+2x20",
    },
    expect: [yes(minutes(6), firing("WdbxSuccessLost", ',track="canary",seen_by="app"'))],
  },
  "errors that only the proxy sees count, even before anyone counted one": {
    system: "wdbx",
    alert: "WdbxTriggerSuccessLost",
    series: {
      'envoy_cluster_upstream_rq_xx{system="wdbx",track="canary",envoy_response_code_class="2"}': "0+1500x40",
      'envoy_cluster_upstream_rq_xx{system="wdbx",track="canary",envoy_response_code_class="5"}': "_x20 0+300x20",
    },
    expect: [
      no(minutes(5), firing("WdbxTriggerSuccessLost")),
      yes(minutes(7), firing("WdbxTriggerSuccessLost", ',seen_by="proxy"')),
    ],
  },
  "a missing canary is no canary that is slow": {
    system: "dwcp-manager",
    series: Object.fromEntries(
      Object.entries({ up: "1x80", dwcp_manager_requests_total: "0+1500x80" }).map(([name, values]) => [
        pod("dwcp-manager", "stable", name),
        values,
      ]),
    ),
    expect: [no(minutes(15), anyOf("alert|trigger|slo|silence"))],
  },
  "where the old version is gone, what was recorded of it takes its place": {
    system: "dwcp-v3",
    alert: "DWCPv3PerformanceDegradation",
    series: {
      [pod("dwcp-v3", "canary", 'dwcp_v3_bytes_processed_total{mode="datacenter"}')]: "0+750000000x200",
      [pod("dwcp-v3", "stable", 'dwcp_v1_bytes_processed_total{mode="datacenter"}')]: "0+750000000x80 stale",
    },
    expect: [
      no(minutes(18), firing("DWCPv3PerformanceDegradation")),
      yes(minutes(40), firing("DWCPv3PerformanceDegradation", ',track="canary"')),
    ],
  },
  "a baseline without any error still is one": {
    system: "dwcp-manager",
    alert: "DwcpManagerTriggerT1Errors",
    series: {
      [pod("dwcp-manager", "stable", "dwcp_manager_requests_total")]: "0+1500x80",
      [pod("dwcp-manager", "stable", 'dwcp_manager_request_errors_total{type="internal"}')]: "0x80",
      [pod("dwcp-manager", "canary", "dwcp_manager_requests_total")]: "0+1500x80",
      [pod("dwcp-manager", "canary", 'dwcp_manager_request_errors_total{type="internal"}')]: "0+15x80",
    },
    expect: [yes(minutes(15), firing("DwcpManagerTriggerT1Errors"))],
  },
  "the last attempt's alert doesn't carry the next attempt's number": {
    system: "wdbx",
    alert: "WdbxTriggerSuccessLost",
    series: {
      [wdbx("canary", "wdbx_operations_total")]: "0+1500x60",
      [wdbx("canary", 'wdbx_errors_total{type="internal"}')]: "0+300x60",
      'rampart_rollout_info{system="wdbx",attempt="3",revision="old",pod="a"}': "1x20",
      'rampart_rollout_info{system="wdbx",attempt="4",revision="new",pod="a"}': "_x21 1x40",
    },
    expect: [
      yes(minutes(4), firing("WdbxTriggerSuccessLost", ',attempt="3",revision="old"')),
      yes(minutes(14), firing("WdbxTriggerSuccessLost", ',attempt="4",revision="new"')),
      no(minutes(14), firing("WdbxTriggerSuccessLost", ',attempt="3"')),
    ],
  },
  "failures that the last attempt left in the window don't end the next": {
    system: "dwcp-manager",
    alert: "DwcpManagerTriggerT3Success",
    series: {
      [pod("dwcp-manager", "canary", "dwcp_manager_requests_total")]: "0+1500x20 30000x60",
      [pod("dwcp-manager", "canary", 'dwcp_manager_request_errors_total{type="internal"}')]: "0+1500x20 30000x60",
      ...attempts("dwcp-manager", 25),
    },
    expect: [
      yes(minutes(5), firing("DwcpManagerTriggerT3Success", ',attempt="3"')),
      ...[7, 8, 9, 9.5, 10].map((at) => no(minutes(at), firing("DwcpManagerTriggerT3Success", ',attempt="4"'))),
    ],
  },
  "a young attempt that fails as well is ended as fast": {
    system: "dwcp-manager",
    alert: "DwcpManagerTriggerT3Success",
    series: {
      [pod("dwcp-manager", "canary", "dwcp_manager_requests_total")]: "0+1500x80",
      [pod("dwcp-manager", "canary", 'dwcp_manager_request_errors_total{type="internal"}')]: "0+1500x80",
      ...attempts("dwcp-manager", 25),
    },
    expect: [yes(minutes(9.5), firing("DwcpManagerTriggerT3Success", ',attempt="4"'))],
  },
  "an event of the last attempt is remembered, but not held against the next": {
    system: "dwcp-manager",
    alert: "DwcpManagerTriggerT5ByzantineAttack",
    series: {
      [pod("dwcp-manager", "canary", "consensus_byzantine_attempts_total")]: "0x20 1x31 2x40",
      ...attempts("dwcp-manager", 25),
    },
    expect: [
      yes(minutes(6), firing("DwcpManagerTriggerT5ByzantineAttack", ',attempt="3"')),
      ...[6.5, 8, 12].map((at) => no(minutes(at), firing("DwcpManagerTriggerT5ByzantineAttack", ',attempt="4"'))),
      yes(minutes(13.5), firing("DwcpManagerTriggerT5ByzantineAttack", ',attempt="4"')),
    ],
  },
  "a trigger fires without any analyzer that could name the attempt": {
    system: "wdbx",
    alert: "WdbxTriggerSuccessLost",
    series: {
      [wdbx("canary", "wdbx_operations_total")]: "0+1500x40",
      [wdbx("canary", 'wdbx_errors_total{type="internal"}')]: "0+300x40",
    },
    expect: [yes(minutes(4), firing("WdbxTriggerSuccessLost", ',attempt=""'))],
  },
  "a working set that grows for hours is a leak": {
    system: "batch-patches",
    alert: "BatchPatchesTriggerMemoryLeak",
    series: {
      [pod("batch-patches", "canary", "up")]: "1x2000",
      [pod("batch-patches", "canary", "process_start_time_seconds")]: "0x2000",
      [pod("batch-patches", "canary", "process_resident_memory_bytes")]: "1000000000+1000000x2000",
    },
    expect: [
      no(minutes(60), firing("BatchPatchesTriggerMemoryLeak")),
      yes(minutes(450), firing("BatchPatchesTriggerMemoryLeak")),
    ],
  },
  "a full outage burns the budget at once": {
    system: "wdbx",
    alert: "WdbxErrorBudgetPage",
    series: {
      [wdbx("stable", "wdbx_operations_total")]: "0+1500x300",
      [wdbx("stable", 'wdbx_errors_total{type="internal"}')]: "0x240 0+1500x59",
    },
    expect: [no(minutes(58), firing("WdbxErrorBudgetPage")), yes(minutes(70), firing("WdbxErrorBudgetPage"))],
  },
  "a few errors more than promised write a ticket, but page nobody": {
    system: "wdbx",
    alert: ["WdbxErrorBudgetTicket", "WdbxErrorBudgetPage"],
    series: {
      [wdbx("stable", "up")]: "1x900",
      [wdbx("stable", "wdbx_operations_total")]: "0+150000x900",
      [wdbx("stable", 'wdbx_errors_total{type="internal"}')]: "0+1000x900",
    },
    expect: [yes(minutes(200), firing("WdbxErrorBudgetTicket")), no(minutes(200), firing("WdbxErrorBudgetPage"))],
  },
  "a track whose pods are all down is silent; one pod of two is a warning": {
    system: "wdbx",
    series: {
      ...busy("stable", 40, "0"),
      ...busy("stable", 40, "1"),
      ...busy("canary", 40),
      [wdbx("stable", "up", "1")]: "1x10 0x30",
      [wdbx("canary", "up")]: "1x10 0x30",
    },
    expect: [
      yes(165 + 15, firing("WdbxTrackSilent", ',track="canary"')),
      no(minutes(6), firing("WdbxTrackSilent", ',track="stable"')),
      yes(minutes(6), firing("WdbxPodSilent", ',track="stable"')),
    ],
  },
  "pods that are gone are missed where they should have traffic": {
    system: "wdbx",
    series: {
      ...busy("stable", 19),
      'rampart_rollout_weight{system="wdbx",track="canary"}': "0x20 5x40",
    },
    expect: [
      no(minutes(4), firing("WdbxTrackGone")),
      yes(minutes(8), firing("WdbxTrackGone", ',track="canary"')),
      yes(minutes(11), firing("WdbxStableGone")),
    ],
  },
  "counters that stand still while the proxy sends requests are frozen": {
    system: "wdbx",
    series: {
      ...busy("canary", 40),
      [wdbx("canary", "wdbx_operations_total")]: "0+1500x10 15000x30",
      'envoy_cluster_upstream_rq_total{system="wdbx",track="canary"}': "0+1500x40",
    },
    expect: [no(minutes(2), firing("WdbxMetricsFrozen")), yes(minutes(6), firing("WdbxMetricsFrozen"))],
  },
  "a new pod that answered many requests before the first look at it is not frozen": {
    system: "wdbx",
    step: 5,
    series: {
      [wdbx("stable", "up")]: "_x22 1x30",
      [wdbx("stable", "wdbx_operations_total")]: "_x22 200x30",
      'envoy_cluster_upstream_rq_total{system="wdbx",track="stable"}': "0x19 200x32",
    },
    expect: [140, 145, 150, 155, 160, 180].map((at) => no(at, firing("WdbxMetricsFrozen"))),
  },
};

describe("the rules at their edges", function () {
  this.timeout(60_000);
  for (const [name, { system, alert, step = usualStep, series, expect }] of Object.entries(edges)) {
    it(name, async () => {
      const groups = groupsOf(system);
      const alerts = alert === undefined ? [] : [alert].flat();
      const needed = alert ? neededFor(alerts, groups) : groups;
      for (const one of alerts) {
        assert.ok(
          needed[0]!.rules.some((rule) => "alert" in rule && rule.alert === one),
          `${one} is no alert of ${system}`,
        );
      }
      const asSeries = Object.entries(series).map(([one, values]) => ({ series: one, values }));
      assert.equal(await runRuleTests([{ name, groups: needed, step, series: asSeries, expect }]), "");
    });
  }

  it("a first event counts for ten minutes, and not again when a scrape is missed later", async () => {
    const series = [
      { series: named("dwcp_v3_data_loss_detected_total", "dwcp-v3", "canary"), values: "_x20 1x99 stale 1x100" },
    ];
    const groups = groupsOf("dwcp-v3");
    const name = groups
      .flatMap(({ rules }) => rules)
      .find((rule) => "alert" in rule && rule.labels.kind === "trigger" && rule.labels.measure === "data-losses");
    assert.ok(name && "alert" in name);
    const expect = [
      no(minutes(4), firing(name.alert)),
      yes(minutes(7), firing(name.alert)),
      ...[25, 30, 35, 40, 45].map((at) => no(minutes(at), firing(name.alert))),
    ];
    assert.equal(
      await runRuleTests([{ name: "born", groups: neededFor([name.alert], groups), step: usualStep, series, expect }]),
      "",
    );
  });

  it("the watchdog always fires; drills and windows are told; a dead analyzer pages", async () => {
    const groups = platformRules({ ...options, analyzer: true, alertmanagers: 2 });
    const series = [
      { series: 'rampart_drill_active{system="wdbx"}', values: "0x10 1x10" },
      { series: 'up{job="analyzer",instance="a"}', values: "1x10 0x10" },
      { series: 'up{job="analyzer",instance="b"}', values: "1x8 0x12" },
      { series: 'rampart_drain_failures_total{system="wdbx"}', values: "0x10 1x10" },
    ];
    const expect = [
      yes(0, firing("Watchdog")),
      no(minutes(2), firing("RolloutDrill")),
      yes(minutes(3), firing("RolloutDrill", ',system="wdbx"')),
      no(minutes(2) + 15, firing("AnalyzerDown")),
      yes(minutes(3) + 15, firing("AnalyzerDown")),
      no(minutes(2), firing("DrainFailed")),
      yes(minutes(3), firing("DrainFailed", ',system="wdbx"')),
    ];
    assert.equal(await runRuleTests([{ name: "platform", groups, step: usualStep, series, expect }]), "");
  });
});
