import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stringify } from "yaml";
import { root } from "../local/paths.ts";
import { toolPath } from "../local/tools/tools.ts";
import { waitFor } from "../local/wait.ts";
import { planRules } from "../rollout/monitoring/plan-rules.ts";
import { plans } from "../stacks/systems/plans.ts";

export const summary = "what the rules of 10, 50 and 200 rollouts cost Prometheus: share of a core, memory, series";

const sizes = [10, 50, 200];
const scrapeSeconds = 15;
/** Every window that is read often is full by then. */
const settleSeconds = 100;

interface Figures {
  rollouts: number;
  rules: number;
  series: number;
  /** Share of one core that evaluating takes. */
  evaluation: number;
  slowestGroupSeconds: number;
  megabytes: number;
  missed: number;
}

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const rows: Figures[] = [];
  for (const size of sizes) rows.push(await measure(size));
  if (!json) {
    for (const { rollouts, rules, series, evaluation, slowestGroupSeconds, megabytes, missed } of rows) {
      const cost = `${(100 * evaluation).toFixed(1)} % of a core, slowest group ${slowestGroupSeconds.toFixed(3)} s`;
      console.log(`${rollouts} rollouts: ${rules} rules, ${series} series, ${cost}, ${megabytes} MB, ${missed} missed`);
    }
  }
  return { rows };
}

async function measure(rollouts: number): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), "bench-rules-"));
  const server = await expose(rollouts);
  let prometheus: ChildProcess | undefined;
  try {
    const own = await freePort();
    const rules = await writeConfig(folder, rollouts, own, (server.address() as AddressInfo).port);
    prometheus = spawn(await toolPath("prometheus"), [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${own}`,
    ]);
    const url = `http://127.0.0.1:${own}`;
    await ready(prometheus);
    await pause(settleSeconds * 1000);
    const ask = async (expression: string): Promise<number> => {
      const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
      return Number(data.result[0]?.value[1] ?? Number.NaN);
    };
    const memory = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${prometheus.pid}/status`, "utf8"));
    return {
      rollouts,
      rules,
      series: await ask("max(prometheus_tsdb_head_series)"),
      evaluation: await ask("sum(rate(prometheus_rule_group_duration_seconds_sum[1m]))"),
      slowestGroupSeconds: await ask("max(prometheus_rule_group_last_duration_seconds)"),
      megabytes: Math.round(Number(memory?.[1]) / 1024),
      missed: await ask("sum(prometheus_rule_group_iterations_missed_total)"),
    };
  } finally {
    if (prometheus && prometheus.exitCode === null) {
      prometheus.kill();
      await once(prometheus, "exit");
    }
    server.close();
    server.closeAllConnections();
    await rm(folder, { recursive: true, force: true });
  }
}

async function ready(prometheus: ChildProcess): Promise<void> {
  let said = "";
  prometheus.stderr!.on("data", (chunk) => {
    said += said.length < 100_000 ? chunk : "";
  });
  await waitFor("Prometheus to be ready", async () => {
    if (prometheus.exitCode !== null) throw new Error(said);
    return said.includes("ready to receive");
  });
}

/** It has to be known before Prometheus runs, because Prometheus measures itself. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** The ten plans over and over, each copy with systems of its own. */
async function writeConfig(folder: string, rollouts: number, own: number, port: number): Promise<number> {
  const options = { environment: "production", runbookUrl: "https://example.com" } as const;
  let rules = 0;
  for (let copy = 0; copy < rollouts / plans.length; copy += 1) {
    for (const plan of plans) {
      const groups = planRules(plan, options);
      rules += groups.reduce((sum, group) => sum + group.rules.length, 0);
      const text = stringify({ groups }).replaceAll(new RegExp(`(["' ]|^)(${names})(["'.]|$)`, "gm"), `$1$2-${copy}$3`);
      await writeFile(join(folder, `${plan.system}-${copy}.yml`), text);
    }
  }
  const self = { job_name: "prometheus", static_configs: [{ targets: [`127.0.0.1:${own}`] }] };
  const systems = { job_name: "all", honor_labels: true, static_configs: [{ targets: [`127.0.0.1:${port}`] }] };
  const config = {
    global: { scrape_interval: `${scrapeSeconds}s`, scrape_timeout: `${scrapeSeconds}s` },
    rule_files: [`${folder}/*-*.yml`],
    scrape_configs: [systems, self],
  };
  await writeFile(join(folder, "prometheus.yml"), stringify(config));
  return rules;
}

const names = plans.map(({ system }) => system).join("|");

interface Profile {
  metrics: { name: string; type: string; labels?: Record<string, Record<string, number>>; buckets?: number[] }[];
}

/** Two pods of each track of every system, with all metrics that the simulator's profiles name. */
async function expose(rollouts: number): Promise<Server> {
  const buckets = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2, 5];
  const lines: string[] = [];
  const add = (name: string, labels: string, type: string) => {
    if (type !== "histogram") lines.push(`${name}{${labels}} ${type === "counter" ? "COUNT" : "0.5"}`);
    else {
      for (const bound of [...buckets, "+Inf"]) lines.push(`${name}_bucket{${labels},le="${bound}"} COUNT`);
      lines.push(`${name}_count{${labels}} COUNT`, `${name}_sum{${labels}} COUNT`);
    }
  };
  for (const file of globSync("local/images/simulator/profiles/*.json", { cwd: root })) {
    const { metrics } = JSON.parse(readFileSync(join(root, file), "utf8")) as Profile;
    for (let copy = 0; copy < rollouts / plans.length; copy += 1) {
      for (const pod of ["stable-0", "stable-1", "canary-0", "canary-1"]) {
        const labels = `system="${basename(file, ".json")}-${copy}",track="${pod.split("-")[0]}",pod="${pod}",job="systems"`;
        add("up", labels, "gauge");
        add("http_requests_total", `${labels},code="200"`, "counter");
        add("http_request_duration_seconds", labels, "histogram");
        add("process_resident_memory_bytes", labels, "gauge");
        add("process_memory_limit_bytes", labels, "gauge");
        add("process_cpu_seconds_total", labels, "counter");
        for (const metric of metrics) {
          const first = Object.entries(metric.labels ?? {}).map(
            ([label, values]) => `,${label}="${Object.keys(values)[0]}"`,
          );
          add(metric.name, labels + first.join(""), metric.type);
        }
      }
    }
  }
  const text = `${lines.join("\n")}\n`;
  let scrapes = 0;
  const server = createServer((_request, response) => {
    scrapes += 1;
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(text.replaceAll("COUNT", String(scrapes * 100)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}
