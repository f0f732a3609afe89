import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Panel as GrafanaPanel } from "@grafana/grafana-foundation-sdk/dashboard";
import * as grafanaUnits from "@grafana/grafana-foundation-sdk/units";
import { describe, it } from "mocha";
import { stringify } from "yaml";
import { exec } from "../../../local/exec.ts";
import { root } from "../../../local/paths.ts";
import { toolPath } from "../../../local/tools/tools.ts";
import { dashboards } from "../../../rollout/monitoring/dashboards/dashboards.ts";
import type { Dashboard } from "../../../rollout/monitoring/dashboards/panel.ts";
import { render } from "../../../rollout/monitoring/dashboards/render.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { knownSeries, seriesIn } from "./catalogue.ts";

const all = dashboards(plans);
const queries = all.flatMap(({ uid, panels }) =>
  panels.flatMap(({ title, queries }) => queries.map(({ expr }) => ({ where: `${uid}: ${title}`, expr }))),
);

/** What Grafana gets of each panel; none of ours is a row. */
const panelsOf = (dashboard: Dashboard) => (render(dashboard).panels ?? []) as GrafanaPanel[];

describe("the dashboards", () => {
  it("are there for every one that a plan names", () => {
    const titles = all.map(({ title }) => title);
    for (const { title } of plans.flatMap((plan) => plan.dashboards)) {
      assert.ok(
        titles.some((one) => one.startsWith(title)),
        `${title}: no dashboard; there are ${titles.join(", ")}`,
      );
    }
  });

  it("have addresses that Grafana takes, and panels that say what they show, in a unit", () => {
    assert.equal(new Set(all.map(({ uid }) => uid)).size, all.length);
    const units = new Set<unknown>(Object.values(grafanaUnits));
    for (const { uid, panels } of all) {
      assert.match(uid, /^[a-z0-9-]{1,40}$/);
      assert.ok(panels.length > 0, `${uid} is empty`);
      for (const { title, description, unit, queries } of panels) {
        assert.ok(title && description && queries.length > 0, `${uid}: ${title}`);
        assert.ok(units.has(unit), `${uid}: ${title}: Grafana knows no unit ${unit}`);
      }
    }
  });

  it("do not lay one panel over another", () => {
    for (const dashboard of all) {
      const places = panelsOf(dashboard).map(({ gridPos }) => JSON.stringify(gridPos));
      assert.equal(new Set(places).size, places.length, dashboard.uid);
    }
  });

  it("keep of every panel what it asks, by a name and a number of its own, and draw its lines", () => {
    for (const dashboard of all) {
      for (const [index, panel] of panelsOf(dashboard).entries()) {
        const wanted = dashboard.panels[index]!;
        const targets = panel.targets as { refId?: string; expr?: string; legendFormat?: string; instant?: boolean }[];
        assert.deepEqual([panel.id, panel.type, panel.title], [index + 1, wanted.kind, wanted.title]);
        assert.deepEqual(
          targets.map(({ expr, legendFormat }) => ({ expr, legend: legendFormat })),
          wanted.queries,
        );
        assert.equal(new Set(targets.map(({ refId }) => refId)).size, wanted.queries.length);
        for (const { instant = false } of targets) assert.equal(instant, wanted.kind !== "timeseries");
        const steps = panel.fieldConfig?.defaults.thresholds?.steps.slice(1) ?? [];
        assert.deepEqual(
          steps.map(({ value, color }) => ({ at: value, colour: color })),
          wanted.lines ?? [],
        );
      }
    }
  });

  it("ask in PromQL that parses, without a finding of the linter", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dashboards-"));
    try {
      const file = join(folder, "queries.yml");
      const rules = queries.map(({ expr }, index) => ({ record: `panel:query:${index}`, expr }));
      await writeFile(file, stringify({ groups: [{ name: "queries", rules }] }));
      await exec(await toolPath("promtool"), ["check", "rules", "--lint=all", "--lint-fatal", file]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it("ask only for series that someone records or exposes", () => {
    const known = knownSeries(plans);
    const unknown = queries.flatMap(({ where, expr }) =>
      seriesIn(expr)
        .filter((name) => !known.has(name))
        .map((name) => `${where}: ${name}`),
    );
    assert.deepEqual(unknown, []);
  });

  it("lie in dashboards/ as they are made", async () => {
    const folder = join(root, "dashboards");
    const made = new Map(all.map((dashboard) => [`${dashboard.uid}.json`, render(dashboard)]));
    if (process.env.UPDATE_GOLDEN) {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
      for (const [file, dashboard] of made) await writeFile(join(folder, file), JSON.stringify(dashboard));
      await exec(join(root, "node_modules/.bin/biome"), ["format", "--write", folder]);
    }
    assert.deepEqual(globSync("*.json", { cwd: folder }).sort(), [...made.keys()].sort());
    for (const [file, dashboard] of made) {
      const text = await readFile(join(folder, file), "utf8");
      const message = `${file}: changed on purpose? UPDATE_GOLDEN=1 npm run test:quick, then review it`;
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(dashboard)), message);
    }
  });
});

describe("the runbooks", () => {
  it("have the four parts that somebody who was woken looks for", () => {
    for (const file of globSync("docs/runbooks/*.md", { cwd: root })) {
      const heads = [...readFileSync(join(root, file), "utf8").matchAll(/^## (.*)$/gm)].map((match) => match[1]);
      assert.deepEqual(heads, ["Meaning", "Impact", "Diagnosis", "Action"], file);
    }
  });
});
