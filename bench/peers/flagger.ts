import { dirname, join } from "node:path";
import { deployment, namespace } from "../../local/cluster/addons/objects.ts";
import { apply } from "../../local/cluster/cluster.ts";
import { toolPath } from "../../local/tools/tools.ts";
import { type Arena, type Contender, gatewayRef, prometheusUrl, simulated, until } from "./arena.ts";

const own = "peer-flagger";
const group = "flagger.app/v1beta1";
const canaryPath = `/apis/${group}/namespaces/${own}/canaries/app`;

interface Canary {
  readonly status?: { readonly phase?: string; readonly canaryWeight?: number };
}

const statusOf = async ({ api }: Arena): Promise<NonNullable<Canary["status"]>> =>
  ((await api.get(canaryPath)) as Canary | undefined)?.status ?? {};

const app = (arena: Arena, version: string, track: "stable" | "canary", run: number) =>
  deployment(own, "app", { containers: [simulated(arena.images.get(`simulator:${version}`), track, run)] });

/** Weights on the same kind of route, and the shortest interval that it takes. */
export const flagger: Contender = {
  name: "Flagger",
  settings: "gateway weights, interval 10 s (its least), threshold 1, query over 3 s",
  host: "flagger.example.com",
  namespace: own,

  async deploy(arena) {
    await arena.definitions([join(dirname(await toolPath("flagger")), "crd.yaml")]);
    await arena.controller("flagger", [
      ...["-mesh-provider=gatewayapi:v1", `-metrics-server=${prometheusUrl}`, "-control-loop-interval=1s"],
    ]);
    await apply(arena.cluster, [namespace(own)]);
    await apply(arena.cluster, [app(arena, "1.0.0", "stable", 0), template, canary(this.host)]);
    await until("Flagger to take the system over", async () => (await statusOf(arena)).phase === "Initialized");
  },

  async roll(arena, run) {
    await apply(arena.cluster, [app(arena, "1.1.0", "canary", run)]);
    const isOn = async () => {
      const { phase, canaryWeight = 0 } = await statusOf(arena);
      return phase === "Progressing" && canaryWeight >= 25;
    };
    await until("Flagger's canary", isOn);
    return arena.podsOf(own, "app=app");
  },

  hasDecided: async (arena) => (await statusOf(arena)).phase === "Failed",
};

const series = (more: string) =>
  `sum(rate(envoy_cluster_upstream_rq_xx{envoy_cluster_name="${own}_app-canary_80"${more}}[3s]))`;

const template = {
  apiVersion: group,
  kind: "MetricTemplate",
  metadata: { namespace: own, name: "errors" },
  spec: {
    provider: { type: "prometheus", address: prometheusUrl },
    query: `100 * (${series(',envoy_response_code_class="5"')} or vector(0)) / ${series("")}`,
  },
};

/** It moves on by a percent with every tick, so that it stays near a quarter while it is tried. */
const canary = (host: string) => ({
  apiVersion: group,
  kind: "Canary",
  metadata: { namespace: own, name: "app" },
  spec: {
    provider: "gatewayapi:v1",
    targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "app" },
    progressDeadlineSeconds: 120,
    service: { port: 80, targetPort: 8080, hosts: [host], gatewayRefs: [gatewayRef] },
    analysis: {
      interval: "10s",
      threshold: 1,
      stepWeights: Array.from({ length: 20 }, (_, index) => 25 + index),
      metrics: [{ name: "errors", templateRef: { name: "errors" }, thresholdRange: { max: 5 }, interval: "10s" }],
    },
  },
});
