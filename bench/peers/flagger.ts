import { dirname, join } from "node:path";
import { deployment, namespace } from "../../local/cluster/addons/objects.ts";
import { apply } from "../../local/cluster/cluster.ts";
import { toolPath } from "../../local/tools/tools.ts";
import {
  type Arena,
  type Contender,
  gatewayRef,
  isSince,
  limits,
  prometheusUrl,
  type Settings,
  simulated,
  until,
} from "./arena.ts";

const own = "peer-flagger";
const group = "flagger.app/v1beta1";
const canaryPath = `/apis/${group}/namespaces/${own}/canaries/app`;

interface Canary {
  readonly status?: { readonly phase?: string; readonly lastTransitionTime?: string; readonly canaryWeight?: number };
}

const statusOf = async ({ api }: Arena): Promise<NonNullable<Canary["status"]>> =>
  ((await api.get(canaryPath)) as Canary | undefined)?.status ?? {};

const app = (arena: Arena, version: string, track: "stable" | "canary", run: number) =>
  deployment(own, "app", { containers: [simulated(arena.images.get(`simulator:${version}`), track, run)] });

/** Weights on the same kind of route, and the shortest interval that it takes. */
export const flagger: Contender = {
  name: "Flagger",
  shortest: { every: 10, over: 3, failures: 1 },
  counted: "ever",
  weights: [1, 5, 25, 50],
  says: (settings) =>
    `gateway weights, interval ${settings.every} s (its least is 10), threshold ${settings.failures}, query over ${settings.over} s, ` +
    "a percent more with every tick",
  host: "flagger.example.com",
  namespace: own,

  async deploy(arena, settings) {
    await arena.definitions([join(dirname(await toolPath("flagger")), "crd.yaml")]);
    await arena.controller("flagger", [
      ...["-mesh-provider=gatewayapi:v1", `-metrics-server=${prometheusUrl}`, "-control-loop-interval=1s"],
    ]);
    await apply(arena.cluster, [namespace(own)]);
    await apply(arena.cluster, [app(arena, "1.0.0", "stable", 0)]);
    await this.change(arena, settings);
    await until("Flagger to take the system over", async () => (await statusOf(arena)).phase === "Initialized");
  },

  change: (arena, settings) => apply(arena.cluster, [...templates(settings), canary(flagger.host, settings)]),

  async roll(arena, run, { weight }) {
    const start = Date.now();
    await apply(arena.cluster, [app(arena, "1.1.0", "canary", run)]);
    const isOn = async () => {
      const { phase, lastTransitionTime, canaryWeight = 0 } = await statusOf(arena);
      if (phase === "Failed" && isSince(start, lastTransitionTime)) return "ended";
      return phase === "Progressing" && canaryWeight >= weight && "on";
    };
    if ((await until("Flagger's canary", isOn)) === "ended") return [];
    return arena.podsOf(own, "app=app");
  },

  hasDecided: async (arena) => (await statusOf(arena)).phase === "Failed",
};

const series = (more: string, range: number) =>
  `sum(rate(envoy_cluster_upstream_rq_xx{envoy_cluster_name="${own}_app-canary_80"${more}}[${range}s]))`;

/** Of the new version's pods; those of stable are app-primary's. Without requests there is no figure, and nothing slow. */
const slowest = (range: number) =>
  `(histogram_quantile(0.95, sum by (le) (rate(http_request_duration_seconds_bucket{pod=~"app-[^-]+-[^-]+"}[${range}s]))) >= 0) or vector(0)`;

const template = (name: string, query: string) => ({
  apiVersion: group,
  kind: "MetricTemplate",
  metadata: { namespace: own, name },
  spec: { provider: { type: "prometheus", address: prometheusUrl }, query },
});

function templates({ over }: Settings): { metadata: object }[] {
  const failed = `(${series(',envoy_response_code_class="5"', over)} or vector(0))`;
  return [template("errors", `${failed} / ${series("", over)}`), template("latency", slowest(over))];
}

/** It moves on by a percent with every tick, so that it stays near its weight while it is tried. */
const canary = (host: string, { weight, every, failures }: Settings) => ({
  apiVersion: group,
  kind: "Canary",
  metadata: { namespace: own, name: "app" },
  spec: {
    provider: "gatewayapi:v1",
    targetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "app" },
    progressDeadlineSeconds: 120,
    service: { port: 80, targetPort: 8080, hosts: [host], gatewayRefs: [gatewayRef] },
    analysis: {
      interval: `${every}s`,
      threshold: failures,
      stepWeights: Array.from({ length: 40 }, (_, index) => weight + index),
      metrics: (["errors", "latency"] as const).map((name) => ({
        ...{ name, templateRef: { name }, thresholdRange: { max: limits[name] }, interval: `${every}s` },
      })),
    },
  },
});
