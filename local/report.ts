import { Agent, request } from "node:http";
import { type Cluster, kubectl } from "./cluster/cluster.ts";
import { gatewayPort, mergedKubeconfig } from "./cluster/layout.ts";
import type { Engine } from "./engine.ts";
import { outputsOf } from "./outputs.ts";
import { monitoringNamespace, targetLines } from "./targets.ts";
import { waitFor } from "./wait.ts";

interface Answers {
  ok: number;
  failed: number;
  /** How many each version gave. */
  readonly versions: Map<string, number>;
}

const requests = 200;

/** What runs, what it answers, and what to type next. */
export async function report(engine: Engine, cluster: Cluster): Promise<string> {
  const outputs = await outputsOf(engine, cluster.name);
  const rows = [["system", "state", "pods", "requests", "answered by"]];
  let ready = 0;
  for (const [system, output] of Object.entries(outputs)) {
    const state = output.phase === "settled" ? "settled" : `${output.percent} % (${output.phase})`;
    if (!output.hostname) {
      rows.push([system, state, "none yet", "", ""]);
      continue;
    }
    const answers = await ask(cluster, output.hostname);
    const versions = [...answers.versions].map(([version, count]) => `${version} ×${count}`).join(", ");
    const pods = await countPods(cluster, system);
    ready += pods.ready;
    rows.push([system, state, `${pods.ready}/${pods.wanted}`, `${answers.ok} ok, ${answers.failed} failed`, versions]);
  }
  const targets = await targetLines(cluster, ready);
  const { hostname } = Object.values(outputs).find((output) => output.hostname) ?? {};
  return `
${table(rows)}

watch: ${targets.join("\n       ")}
       kubectl -n ${monitoringNamespace} port-forward pod/prometheus-0 9090      # http://localhost:9090/alerts
       kubectl -n ${monitoringNamespace} port-forward pod/alertmanager-0 9093    # http://localhost:9093
       dashboards/*.json                                                       # for any Grafana
look:  curl -H 'Host: ${hostname}' http://${cluster.address}/
       export KUBECONFIG=${mergedKubeconfig}   # contexts ${cluster.name}-admin, -platform, -systems, -viewer
next:  npm run rampart -- status --stack ${cluster.name}
       npm run pulumi -- preview --stack ${cluster.name}
       npm run load -- wdbx --stack ${cluster.name}
       npm stop`;
}

/** Sends requests through the gateway, at the node's own address, once the route is there. */
async function ask(cluster: Cluster, hostname: string): Promise<Answers> {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const one = (): Promise<{ status: number; version: string }> =>
    new Promise((resolve, reject) => {
      const options = { host: cluster.address, port: gatewayPort, headers: { host: hostname }, agent, timeout: 2_000 };
      const sent = request(options, (answer) => {
        answer.resume();
        answer.once("end", () => {
          const versions = answer.headers["x-version"];
          resolve({ status: answer.statusCode ?? 0, version: String(versions ?? "?") });
        });
      });
      sent.once("timeout", () => sent.destroy(new Error("no answer within 2 s")));
      sent.once("error", reject).end();
    });
  try {
    await waitFor(`an answer of ${hostname}`, async () => (await one()).status === 200);
    const answers: Answers = { ok: 0, failed: 0, versions: new Map() };
    await Promise.all(
      Array.from({ length: requests }, async () => {
        const { status, version } = await one().catch(() => ({ status: 0, version: "nobody" }));
        if (status === 200) answers.ok++;
        else answers.failed++;
        answers.versions.set(version, (answers.versions.get(version) ?? 0) + 1);
      }),
    );
    return answers;
  } finally {
    agent.destroy();
  }
}

async function countPods(cluster: Cluster, namespace: string): Promise<{ ready: number; wanted: number }> {
  const path = "{range .items[*]}{.status.readyReplicas},{.spec.replicas}{'\\n'}{end}";
  const text = await kubectl(cluster, ["-n", namespace, "get", "deployments", "--output", `jsonpath=${path}`]);
  const deployments = text
    .trim()
    .split("\n")
    .map((line) => line.split(",").map(Number));
  const sum = (index: number): number => deployments.reduce((total, one) => total + (one[index] ?? 0), 0);
  return { ready: sum(0), wanted: sum(1) };
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]! + 3)).join("")}`.trimEnd())
    .join("\n");
}
