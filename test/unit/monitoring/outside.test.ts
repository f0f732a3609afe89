import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { outsideRules } from "../../../rollout/monitoring/outside.ts";
import { isAlert } from "../../../rollout/monitoring/rule.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { type Case, runCases } from "./promtool.ts";

const options = { environment: "production", runbookUrl: "https://example.com/runbooks" } as const;
const groups = outsideRules(plans, { ...options, objects: true, nodes: true, probed: ["wdbx", "grafana"] });

const pod = 'system="wdbx",track="canary",namespace="wdbx",pod="wdbx-canary-1",container="app"';
const restarts = `kube_pod_container_status_restarts_total{${pod}}`;
const killed = `kube_pod_container_status_last_terminated_reason{${pod},reason="OOMKilled"}`;
const deployment = 'system="wdbx",track="stable",namespace="wdbx",deployment="wdbx-stable"';
const node = (name: string, more = "") => `${name}{job="nodes",node="a"${more}}`;

const cases: Readonly<Record<string, Case>> = {
  WdbxCrashLoop: { well: { [restarts]: "0x20 1x40" }, ill: { [restarts]: "0x20 1x4 2x4 3x4 4x250" } },
  WdbxOutOfMemoryKill: {
    well: { [restarts]: "0x20 1x40", [killed]: "0x60" },
    ill: { [restarts]: "0x20 1x250", [killed]: "0x20 1x250" },
  },
  WdbxReplicasMissing: {
    well: {
      [`kube_deployment_spec_replicas{${deployment}}`]: "2x60",
      [`kube_deployment_status_replicas_available{${deployment}}`]: "2x20 1x8 2x40",
    },
    ill: {
      [`kube_deployment_spec_replicas{${deployment}}`]: "2x300",
      [`kube_deployment_status_replicas_available{${deployment}}`]: "2x20 1x60 2x200",
    },
  },
  NodeKillsForMemory: {
    well: { [node("node_vmstat_oom_kill")]: "7x60" },
    ill: { [node("node_vmstat_oom_kill")]: "7x20 8x250" },
  },
  NodeMemoryLow: {
    well: { [node("node_memory_MemAvailable_bytes")]: "20x100", [node("node_memory_MemTotal_bytes")]: "100x100" },
    ill: { [node("node_memory_MemAvailable_bytes")]: "5x100 50x200", [node("node_memory_MemTotal_bytes")]: "100x300" },
    after: 20,
  },
  NodeCpuBusy: {
    well: { [node("node_cpu_seconds_total", ',mode="idle",cpu="0"')]: "0+3x200" },
    ill: { [node("node_cpu_seconds_total", ',mode="idle",cpu="0"')]: "0+0.3x180 54+10x100" },
    after: 40,
  },
  NodeDiskBusy: {
    well: { [node("node_disk_io_time_seconds_total", ',device="sda"')]: "0+10x200" },
    ill: { [node("node_disk_io_time_seconds_total", ',device="sda"')]: "0+14x120 1680+1x200" },
    after: 25,
  },
  WdbxUnreachable: {
    well: { 'probe_success{job="probes",system="wdbx",instance="x"}': "1x20 0x1 1x40" },
    ill: { 'probe_success{job="probes",system="wdbx",instance="x"}': "1x20 0x40 1x200" },
  },
  GrafanaUnreachable: {
    well: { 'probe_success{job="probes",target="grafana",instance="x"}': "1x20 0x4 1x40" },
    ill: { 'probe_success{job="probes",target="grafana",instance="x"}': "1x20 0x40 1x200" },
  },
  WdbxCertificateEnds: {
    well: { 'probe_ssl_earliest_cert_expiry{job="probes",system="wdbx",instance="x"}': "9000000x400" },
    ill: { 'probe_ssl_earliest_cert_expiry{job="probes",system="wdbx",instance="x"}': "900000x300 9000000x200" },
    after: 70,
    over: 110,
  },
  GrafanaCertificateEnds: {
    well: { 'probe_ssl_earliest_cert_expiry{job="probes",target="grafana",instance="x"}': "9000000x400" },
    ill: { 'probe_ssl_earliest_cert_expiry{job="probes",target="grafana",instance="x"}': "900000x300 9000000x200" },
    after: 70,
    over: 110,
  },
};

describe("the rules about what pods can't say", function () {
  this.timeout(60_000);
  it("are tried one by one, each kind of them", () => {
    const kinds = groups
      .flatMap(({ rules }) => rules.filter(isAlert))
      .filter(({ labels }) => (labels.system ?? "wdbx") === "wdbx");
    assert.deepEqual(kinds.map(({ alert }) => alert).sort(), Object.keys(cases).sort());
  });

  it("fire when they should until it is over, and are silent when all is well or nothing is known", async () => {
    assert.equal(await runCases(cases, groups), "");
  });

  it("aren't there where nobody could answer them", () => {
    assert.deepEqual(outsideRules(plans, { ...options, objects: false, nodes: false, probed: [] }), []);
  });
});
