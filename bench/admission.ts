import { join } from "node:path";
import { connect } from "../live/api.ts";
import { objectPath } from "../live/paths.ts";
import { apply, findCluster, kubectl } from "../local/cluster/cluster.ts";
import { mergedKubeconfig } from "../local/cluster/layout.ts";
import { exec } from "../local/exec.ts";
import { root } from "../local/paths.ts";
import { quantile } from "./support/measure.ts";

export const summary = "what the admission policies cost a write: the same route with guards and without, milliseconds";

const writes = 200;
const elsewhere = "bench-admission";

/** On the staging cluster: an annotation on wdbx's route, and on its copy in a namespace without a system. */
export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  await exec(process.execPath, [join(root, "local/start.ts")]);
  const cluster = (await findCluster("staging"))!;
  process.env.KUBECONFIG = mergedKubeconfig;
  const api = connect("staging-admin");
  const at = (namespace: string): string => objectPath("gateway.networking.k8s.io/v1", "httproutes", namespace, "wdbx");
  const { spec: guarded } = (await api.get(at("wdbx"))) as { spec: object };
  // Another host: wdbx's own belong to wdbx.
  const spec = { ...guarded, hostnames: ["bench-admission.example.com"] };
  try {
    await apply(cluster, [
      { apiVersion: "v1", kind: "Namespace", metadata: { name: elsewhere } } as { metadata: object },
    ]);
    const copy = { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute", metadata: { name: "wdbx" }, spec };
    await api.create(at(elsewhere).replace(/\/wdbx$/, ""), copy);
    const times = { guarded: [] as number[], free: [] as number[] };
    for (let write = 0; write < writes; write += 1) {
      for (const [kind, namespace] of [
        ["guarded", "wdbx"],
        ["free", elsewhere],
      ] as const) {
        const started = performance.now();
        await api.patch(at(namespace), "merge", {
          metadata: { annotations: { "bench.example/write": String(write) } },
        });
        times[kind].push(performance.now() - started);
      }
    }
    await api.patch(at("wdbx"), "merge", { metadata: { annotations: { "bench.example/write": null } } });
    const figures = { writes, guardedMs: spread(times.guarded), freeMs: spread(times.free) };
    if (!json) {
      for (const [kind, { median, p99 }] of Object.entries({
        "with guards": figures.guardedMs,
        without: figures.freeMs,
      })) {
        console.log(`${kind.padEnd(14)}median ${median} ms, p99 ${p99} ms (${writes} writes)`);
      }
    }
    return figures;
  } finally {
    await kubectl(cluster, ["delete", "namespace", elsewhere, "--ignore-not-found", "--wait=false"]);
  }
}

function spread(times: number[]): { median: number; p99: number } {
  return { median: quantile(times, 0.5), p99: quantile(times, 0.99) };
}
