import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { findCluster, kubectl } from "../local/cluster/cluster.ts";
import { exec } from "../local/exec.ts";
import { root } from "../local/paths.ts";
import { monitoringNamespace } from "../local/targets.ts";
import { residentMemory } from "./support/resident.ts";

export const summary = "what the monitoring of ten systems takes in npm start's cluster: memory, share of a core";

/** Every window that is read often is full by then. */
const settleSeconds = 300;
const parts = ["prometheus", "alertmanager", "node-exporter"];

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  await exec(process.execPath, [join(root, "local/start.ts")]);
  await pause(settleSeconds * 1000);
  const cluster = (await findCluster("staging"))!;
  const ask = async (expression: string): Promise<number> => {
    const path = `pods/prometheus-0:9090/proxy/api/v1/query?query=${encodeURIComponent(expression)}`;
    const answer = await kubectl(cluster, ["get", "--raw", `/api/v1/namespaces/${monitoringNamespace}/${path}`]);
    return Number(JSON.parse(answer).data.result[0]?.value[1] ?? Number.NaN);
  };
  const all = residentMemory(cluster);
  const byPart = Object.fromEntries(parts.map((part) => [part, Math.round(all.get(part) ?? 0)]));
  const figures = {
    megabytes: Object.values(byPart).reduce((sum, each) => sum + each, 0),
    byPart,
    cores: await ask('sum(rate(process_cpu_seconds_total{job=~"prometheus|alertmanager|nodes"}[3m]))'),
    series: await ask("max(prometheus_tsdb_head_series)"),
    slowestGroupSeconds: await ask("max(prometheus_rule_group_last_duration_seconds)"),
    missed: await ask("sum(prometheus_rule_group_iterations_missed_total)"),
  };
  if (!json) {
    const { megabytes, cores, series, slowestGroupSeconds, missed } = figures;
    const each = Object.entries(byPart).map(([part, some]) => `${part} ${some} MB`);
    console.log(
      `${megabytes} MB (${each.join(", ")}; two replicas of the first two), ${(100 * cores).toFixed(0)} % of a core`,
    );
    console.log(`${series} series, slowest group ${slowestGroupSeconds.toFixed(3)} s, ${missed} missed`);
  }
  return figures;
}
