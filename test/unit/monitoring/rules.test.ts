import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "mocha";
import { stringify } from "yaml";
import { exec } from "../../../local/exec.ts";
import { root } from "../../../local/paths.ts";
import { toolPath } from "../../../local/tools/tools.ts";
import { databaseRules } from "../../../rollout/monitoring/database-rules.ts";
import { outsideRules } from "../../../rollout/monitoring/outside.ts";
import { planRules } from "../../../rollout/monitoring/plan-rules.ts";
import { platformRules } from "../../../rollout/monitoring/platform-rules.ts";
import { prometheusConfig } from "../../../rollout/monitoring/prometheus-config.ts";
import { isAlert } from "../../../rollout/monitoring/rule.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { knownSeries, seriesIn } from "./catalogue.ts";

const environments = ["staging", "production"] as const;
const runbookUrl = "https://example.com/docs/runbooks";
const sets = environments.flatMap((environment) => [
  ...plans.map((plan) => ({
    name: `${plan.system}-${environment}`,
    groups: planRules(plan, { environment, runbookUrl }),
  })),
  {
    name: `platform-${environment}`,
    groups: platformRules({ environment, runbookUrl, analyzer: true, alertmanagers: 2 }),
  },
  { name: `databases-${environment}`, groups: databaseRules(plans, { environment, runbookUrl }) },
  {
    name: `outside-${environment}`,
    groups: outsideRules(plans, { environment, runbookUrl, objects: true, nodes: true, probed: ["wdbx", "grafana"] }),
  },
]);
const rules = sets.flatMap(({ groups }) => groups.flatMap((group) => group.rules));
const alerts = rules.filter(isAlert);

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "rules-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe("the rules", () => {
  it("parse, without a finding of promtool's linter", () =>
    inFolder(async (folder) => {
      for (const { name, groups } of sets) await writeFile(join(folder, `${name}.yml`), stringify({ groups }));
      await exec(await toolPath("promtool"), [
        "check",
        "rules",
        "--lint=all",
        "--lint-fatal",
        ...sets.map(({ name }) => join(folder, `${name}.yml`)),
      ]);
    }));

  it("are one for each alert and each measured trigger of every plan", () => {
    for (const plan of plans) {
      const own = planRules(plan, { environment: "production", runbookUrl }).flatMap((group) =>
        group.rules.filter(isAlert),
      );
      assert.deepEqual(
        own
          .filter(({ labels }) => labels.kind === "alert")
          .map(({ alert }) => alert)
          .sort(),
        plan.alerts.map(({ name }) => name).sort(),
      );
      for (const phase of plan.ladders.production.normal) {
        for (const trigger of phase.triggers) {
          const made = own.filter(
            ({ labels }) => labels.trigger === trigger.id && labels.phase!.split("|").includes(phase.name),
          );
          assert.equal(made.length, "metric" in trigger ? 1 : 0, `${plan.system}, ${phase.name}, ${trigger.id}`);
        }
      }
    }
  });

  it("record a value for each criterion of every phase", () => {
    for (const plan of plans) {
      const recorded = planRules(plan, { environment: "production", runbookUrl }).flatMap((group) => group.rules);
      for (const { name, criteria } of plan.ladders.production.normal) {
        for (const { id } of criteria) {
          const made = recorded.filter(
            (rule) => !isAlert(rule) && rule.labels?.criterion === id && rule.labels.phase!.split("|").includes(name),
          );
          assert.equal(made.length, 1, `${plan.system}, ${name}, ${id}`);
        }
      }
    }
  });

  it("ask only for series that someone records or exposes", () => {
    const known = knownSeries(plans);
    const unknown = rules.flatMap(({ expr }) => seriesIn(expr).filter((name) => !known.has(name)));
    assert.deepEqual([...new Set(unknown)], []);
  });

  it("carry what routing and inhibition go by, and lead to a page that is there", () => {
    for (const { alert, labels, annotations } of alerts) {
      for (const label of ["kind", "severity", "measure"]) assert.ok(labels[label], `${alert} has no label ${label}`);
      if (labels.kind === "alert" || labels.kind === "trigger")
        assert.ok(labels.requirement ?? labels.decision, `${alert} names no requirement`);
      assert.ok(
        !Object.values(labels).some((text) => text.includes("$value")),
        `${alert}: a label that changes makes another alert`,
      );
      const page = annotations.runbook_url!.replace("https://example.com/", "");
      assert.ok(existsSync(join(root, page)), `${alert}: no ${page}`);
    }
  });

  it("have names that nobody else has", () => {
    for (const environment of environments) {
      const keys = sets
        .filter(({ name }) => name.endsWith(environment))
        .flatMap(({ groups }) =>
          groups.flatMap((group) =>
            group.rules.filter(isAlert).map(({ alert, labels }) => `${alert} ${labels.phase ?? ""}`),
          ),
        );
      assert.equal(new Set(keys).size, keys.length);
    }
  });

  it("belong to a config that Prometheus takes", () =>
    inFolder(async (folder) => {
      const config = prometheusConfig({
        environment: "production",
        systems: plans,
        alertmanagers: ["alertmanager-0.alertmanager:9093"],
        prometheuses: ["prometheus-0.prometheus:9090"],
        retention: { time: "35d", size: "20GB" },
        gateway: { namespace: "projectcontour", app: "envoy", port: 8002 },
        analyzer: { namespace: "rampart-system", app: "analyzer", port: 9090 },
        nodes: { namespace: "monitoring", app: "node-exporter", port: 9100 },
        objects: { namespace: "monitoring", app: "kube-state-metrics", port: 8080 },
        probes: { exporter: "blackbox-exporter:9115", urls: { wdbx: "https://wdbx.example.com/" } },
      });
      const file = join(folder, "prometheus.yml");
      await writeFile(file, stringify(config));
      await exec(await toolPath("promtool"), ["check", "config", file]);
    }));
});
