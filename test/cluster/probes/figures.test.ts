import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { answersTo } from "../../../cli/figures.ts";
import { baselineProbe, figuresProbe } from "../../../cli/probes/figures.ts";
import type { Finding, Probe } from "../../../cli/probes/model.ts";
import { quietProbe } from "../../../cli/probes/quiet.ts";
import { type Ask, prometheusBehind } from "../../../live/prometheus.ts";
import { toolPath } from "../../../local/tools/tools.ts";
import { waitFor } from "../../../local/wait.ts";
import { questionsOf, validationAt } from "../../../rollout/validation/validation.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { liveAt, wishFor } from "../../policy/rollouts.ts";
import { apiBefore } from "./behind.ts";

const planOf = (system: string) => plans.find((plan) => plan.system === system)!;

/** Two tracks of wdbx that answer: 100 requests at every look, so many of the canary's fail. */
function exposition(looks: number, failing: number, isFiring: boolean): string {
  const lines = [
    'rampart_baseline{system="wdbx",metric="error-ratio",of="stable"} 0',
    `fires{system="dwcp-manager"} ${isFiring ? 1 : 0}`,
  ];
  for (const track of ["stable", "canary"]) {
    const labels = `system="wdbx",track="${track}",pod="${track}-0"`;
    const failed = track === "canary" ? failing : 0;
    lines.push(
      `wdbx_operations_total{${labels}} ${100 * looks}`,
      `wdbx_errors_total{${labels}} ${failed}`,
      `envoy_cluster_upstream_rq_xx{${labels},envoy_response_code_class="2"} ${100 * looks - failed}`,
      `envoy_cluster_upstream_rq_xx{${labels},envoy_response_code_class="5"} ${failed}`,
      ...["0.0005", "0.001", "+Inf"].map(
        (le) => `wdbx_operation_duration_seconds_bucket{${labels},le="${le}"} ${100 * looks}`,
      ),
      `wdbx_memory_bytes{${labels}} 1000000000`,
    );
  }
  return `${lines.join("\n")}\n`;
}

/** The real Prometheus, behind the API server's proxy as the command line meets it. */
describe("probes that ask Prometheus", function () {
  this.timeout(120_000);
  let folder: string;
  let exporter: Server;
  let prometheus: ChildProcess;
  let ask: Ask;
  let looks = 0;
  let failing = 0;
  let failures = 0;
  let isFiring = false;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "probe-figures-"));
    exporter = createServer((_request, response) => {
      looks += 1;
      failures += failing;
      response.setHeader("content-type", "text/plain; version=0.0.4");
      response.end(exposition(looks, failures, isFiring));
    }).listen(0, "127.0.0.1");
    await once(exporter, "listening");
    const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
    const labels = { kind: "trigger", system: "dwcp-manager", trigger: "t5-byzantine-attack", severity: "critical" };
    const rules = [
      { record: "system:baseline", expr: "rampart_baseline" },
      { alert: "Watchdog", expr: "vector(1)", labels: { severity: "none" } },
      { alert: "Trigger", expr: "fires == 1", labels },
    ];
    writeFileSync(join(folder, "rules.yml"), stringify({ groups: [{ name: "all", interval: "1s", rules }] }));
    const config = {
      global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "1s" },
      rule_files: ["rules.yml"],
      scrape_configs: [{ job_name: "systems", honor_labels: true, static_configs: [{ targets: [target] }] }],
    };
    writeFileSync(join(folder, "prometheus.yml"), stringify(config));
    prometheus = spawn(await toolPath("prometheus"), [
      ...[`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`],
      "--web.listen-address=127.0.0.1:0",
    ]);
    let said = "";
    prometheus.stderr!.on("data", (chunk) => {
      said += chunk;
    });
    const address = await waitFor("Prometheus to listen", async () => {
      if (prometheus.exitCode !== null) throw new Error(said);
      return /Listening on.*address=(\S+)/.exec(said)?.[1];
    });
    ask = prometheusBehind(apiBefore({ "prometheus-0:9090": `http://${address}` }));
  });
  after(async () => {
    if (prometheus?.exitCode === null) {
      prometheus.kill();
      await once(prometheus, "exit");
    }
    exporter?.close();
    exporter?.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (probe: Probe, system: string, phase: string): Promise<readonly Finding[]> => {
    const { spec, status } = liveAt(wishFor(phase, { system }));
    const phaseStartedAt = new Date(Date.now() - 60_000).toISOString();
    const config = { environment: "production", scale: { time: 1, size: 1 }, systems: {} };
    const target = { ask, plan: planOf(system), config, rollout: { spec, status: { ...status, phaseStartedAt } } };
    return probe.measure(target as never);
  };
  const itemOf = (found: readonly Finding[], id: string): Finding => found.find(({ items }) => items.includes(id))!;
  const until = (probe: Probe, system: string, phase: string, id: string, holds: boolean) =>
    waitFor(
      `${id} to ${holds ? "hold" : "break"}`,
      async () => {
        const found = itemOf(await run(probe, system, phase), id);
        return found.holds === holds ? found : undefined;
      },
      { timeout: 30_000 },
    );

  it("a look back of the plan is answered from what was really scraped", async () => {
    const scale = 1440; // a day in a minute
    const questions = questionsOf(planOf("wdbx"), validationAt(planOf("wdbx"), "day-1")!, scale);
    await until(figuresProbe, "wdbx", "canary-50", "WDBX-CAN-03", true);
    const answered = await answersTo(questions, ask);
    const said = Object.fromEntries(answered.map(({ criterion, holds }) => [criterion.id, holds]));
    assert.deepEqual([said.success, said.latency], [true, true]);
    assert.equal(answered.find(({ criterion }) => criterion.id === "success")!.said, "1");
  });

  it("errors of now are held against what stable had, and one more than allowed is seen", async () => {
    const good = await until(figuresProbe, "wdbx", "canary-50", "WDBX-CAN-02", true);
    assert.equal(good.said, "error-ratio: 0");
    const [baseline] = await run(baselineProbe, "wdbx", "canary-50");
    assert.ok(baseline!.holds, baseline!.said);
    assert.equal(baseline!.figures.success, "1");
    failing = 5;
    const bad = await until(figuresProbe, "wdbx", "canary-50", "WDBX-CAN-02", false);
    assert.match(bad.said, /^error-ratio: 0\.0\d+$/);
    await until(baselineProbe, "wdbx", "canary-50", "MON-09", false);
    failing = 0;
  });

  it("no data proves nothing", async () => {
    const found = await run(figuresProbe, "dwcp-v3", "nodes-10");
    assert.ok(found.length > 3);
    assert.ok(found.every(({ holds, said }) => !holds && said.includes("no data")));
  });

  it("a trigger that has fired once is remembered, and one that nobody evaluates isn't silent", async () => {
    const quiet = await until(quietProbe, "dwcp-manager", "shadow", "DWCP-RB-05", true);
    assert.match(quiet.said, /t5-byzantine-attack: none has fired since the phase began/);
    isFiring = true;
    const fired = await until(quietProbe, "dwcp-manager", "shadow", "DWCP-RB-05", false);
    assert.equal(fired.figures.fired, "t5-byzantine-attack");
    assert.ok(itemOf(await run(quietProbe, "dwcp-manager", "shadow"), "DWCP-RB-01").holds);
    isFiring = false;
    ask = async () => [];
    const blind = itemOf(await run(quietProbe, "dwcp-manager", "shadow"), "DWCP-RB-05");
    assert.ok(!blind.holds);
    assert.match(blind.said, /has evaluated no rules/);
  });
});
