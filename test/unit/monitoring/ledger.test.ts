import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, it } from "mocha";
import { root } from "../../../local/paths.ts";
import { ledger } from "../../../rollout/ledger/ledger.ts";
import { dashboards } from "../../../rollout/monitoring/dashboards/dashboards.ts";
import { isAlert } from "../../../rollout/monitoring/rule.ts";
import { ruleFiles } from "../../../rollout/monitoring/rule-files.ts";
import { readinessItems } from "../../../rollout/readiness/readiness.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const rows = ledger(plans, readinessItems);
const files = ruleFiles(plans, {
  ...{ environment: "production", runbookUrl: "docs/runbooks", analyzer: true, alertmanagers: 2 },
  ...{ objects: true, nodes: true, probed: ["wdbx", "grafana"] },
});
const alerts = Object.values(files).flatMap((groups) => groups.flatMap(({ rules }) => rules.filter(isAlert)));
const family = (name: string) => name.startsWith("dwcp-") && name !== "dwcp-v3";

describe("what the seeds want to be watched", () => {
  it("is there for each line of the ledger that is an alert", () => {
    const cited = new Set(alerts.flatMap(({ labels }) => labels.requirement?.split(",") ?? []));
    const ofPlans = rows.filter(
      ({ kind, target }) => kind === "alert" && "at" in target && target.at.includes("/plan.ts#alerts"),
    );
    assert.ok(ofPlans.length >= 25, `${ofPlans.length} alerts`);
    assert.deepEqual(
      ofPlans.filter(({ id }) => !cited.has(id)).map(({ id }) => id),
      [],
    );
  });

  it("is called for by 25 alerts and more in the family of six alone", () => {
    const own = alerts.filter(({ labels }) => labels.kind === "alert" && family(labels.system ?? ""));
    assert.ok(own.length >= 25, `${own.length} alerts`);
  });

  it("is measured by 150 metrics and more in the family of six", () => {
    const profiles = globSync("local/images/simulator/profiles/*.json", { cwd: root }).filter((file) =>
      family(basename(file, ".json")),
    );
    const counts = profiles.map((file) => JSON.parse(readFileSync(join(root, file), "utf8")).metrics.length as number);
    assert.equal(counts.length, 6);
    assert.ok(counts.reduce((sum, one) => sum + one, 0) >= 150);
  });

  it("has a picture under the name that the seed gives it", () => {
    const titles = dashboards(plans).map(({ title }) => title);
    for (const { title } of plans.flatMap((plan) => plan.dashboards)) {
      assert.ok(
        titles.some((one) => one.startsWith(title)),
        title,
      );
    }
  });

  it("leads from every alert to a page that says what to do and to a picture", () => {
    for (const { alert, annotations } of alerts) {
      assert.ok(existsSync(join(root, annotations.runbook_url!)), `${alert}: ${annotations.runbook_url}`);
      const picture = `dashboards/${annotations.dashboard!.replace("/d/", "")}.json`;
      assert.ok(existsSync(join(root, picture)), `${alert}: ${picture}`);
    }
  });

  it("shows first what is about the system that the alert is about", () => {
    const first = alerts.find(({ labels }) => labels.system === "dwcp-tpbft" && labels.kind === "alert");
    assert.equal(first?.annotations.dashboard, "/d/canary-health-overview-tpbft");
  });
});
