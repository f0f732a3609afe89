import { type Cluster, kubectl } from "./cluster/cluster.ts";
import { waitFor } from "./wait.ts";

interface Target {
  readonly labels: { readonly job: string; readonly instance: string };
  readonly health: "up" | "down" | "unknown";
  readonly lastError: string;
}

/** Where the platform stack has put the monitoring. */
export const monitoringNamespace = "rampart-monitoring";

/** What each Prometheus says of its targets, as soon as it knows of this many pods of systems. */
export async function targetLines(cluster: Cluster, pods: number): Promise<string[]> {
  const lines = ["prometheus-0", "prometheus-1"].map(async (pod) => {
    const knowsAll = async () => {
      const targets = await targetsOf(cluster, pod);
      return targets.filter(({ labels }) => labels.job === "systems").length >= pods && targets;
    };
    const interval = 200;
    return waitFor("its targets", knowsAll, { timeout: 20_000, interval }).then(describe, ({ message }) => message);
  });
  return (await Promise.all(lines)).map((said, index) => `prometheus-${index}: ${said}`);
}

async function targetsOf(cluster: Cluster, pod: string): Promise<Target[]> {
  const path = `/api/v1/namespaces/${monitoringNamespace}/pods/${pod}:9090/proxy/api/v1/targets?state=active`;
  return JSON.parse(await kubectl(cluster, ["get", "--raw", path])).data.activeTargets;
}

function describe(targets: readonly Target[]): string {
  const byHealth = Map.groupBy(targets, ({ health }) => health);
  const {
    up = [],
    down = [],
    unknown = [],
  } = Object.fromEntries(byHealth) as Partial<Record<Target["health"], Target[]>>;
  const jobs = Map.groupBy(up, ({ labels }) => labels.job);
  const counts = [...jobs].map(([job, some]) => `${job} ${some.length}`).sort();
  const first = unknown.length > 0 ? `, ${unknown.length} are about to be asked for the first time` : "";
  return [
    `${up.length} of ${targets.length} targets are up (${counts.join(", ")})${first}`,
    ...down.map(({ labels, lastError }) => `  ${labels.job} ${labels.instance} is down: ${lastError}`),
  ].join("\n       ");
}
