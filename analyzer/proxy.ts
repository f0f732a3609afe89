import { Agent } from "node:http";
import type { Api } from "../live/api.ts";
import { listPath } from "../live/paths.ts";
import { type Place, proxyCluster, proxyPath } from "../rollout/monitoring/scrape-jobs.ts";
import { systems } from "../rollout/plan/systems.ts";
import { exchange } from "./http.ts";
import type { ProxyCount, ProxyPort } from "./ports.ts";

const timeoutMs = 1_000;
/** Replicas come and go; whoever is new is found this soon. */
const findEveryMs = 2_000;

interface Pods {
  items: { metadata: { name: string }; status: { podIP?: string; phase?: string } }[];
}

interface Replica {
  readonly name: string;
  readonly address: string;
}

/** Every replica of the proxy by its own address: Prometheus asks them once a second, and that is too slow for a fall. */
export function proxyAt(api: Api, { namespace, app, port }: Place): ProxyPort {
  const agent = new Agent({ keepAlive: true });
  const list = `${listPath("v1", "pods", namespace)}?labelSelector=app%3D${app}`;
  let replicas: readonly Replica[] = [];
  let foundAt = Number.NEGATIVE_INFINITY;
  const find = async (): Promise<void> => {
    foundAt = performance.now();
    const { items } = ((await api.get(list)) ?? { items: [] }) as Pods;
    replicas = items.flatMap(({ metadata: { name }, status: { podIP, phase } }) =>
      podIP && phase === "Running" ? [{ name, address: `${podIP}:${port}` }] : [],
    );
  };
  const ask = async ({ name, address }: Replica): Promise<ProxyCount[]> => {
    const { status, text } = await exchange(`http://${address}${proxyPath}?filter=${filter}`, { agent, timeoutMs });
    if (status !== 200) throw new Error(`${address} answers ${status}`);
    return countsIn(text, name);
  };
  return {
    async counts() {
      // Who was there a moment ago is asked also while the API server doesn't answer.
      const found = performance.now() - foundAt > findEveryMs ? find().catch(() => undefined) : undefined;
      if (replicas.length === 0) await found;
      const asked = await Promise.allSettled(replicas.map(ask));
      const answered = asked.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const [refused] = asked.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
      if (answered.length === 0) throw refused ?? new Error(`no pod of ${namespace} has the label app=${app}`);
      return answered.flat();
    },
  };
}

const filter = encodeURIComponent("cluster\\..*\\.upstream_rq_[1-5]xx$");
const line =
  /^envoy_cluster_upstream_rq_xx\{envoy_response_code_class="([1-5])",envoy_cluster_name="([^"]+)"\} (\d+)$/gm;
const cluster = new RegExp(`^${proxyCluster(systems)}$`);

/** What a replica says, by system, track and port. */
export function countsIn(text: string, replica: string): ProxyCount[] {
  const found = new Map<string, ProxyCount>();
  for (const [, answerClass, name, value] of text.matchAll(line)) {
    const [, system, track, port] = cluster.exec(name!) ?? [];
    if (system === undefined || (track !== "canary" && track !== "stable")) continue;
    const key = `${system} ${track} ${port}`;
    const before = found.get(key) ?? { replica, system, track, port: Number(port), requests: 0, failed: 0 };
    const failed = before.failed + (answerClass === "5" ? Number(value) : 0);
    found.set(key, { ...before, requests: before.requests + Number(value), failed });
  }
  return [...found.values()];
}
