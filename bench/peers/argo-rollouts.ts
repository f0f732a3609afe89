import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { namespace, service } from "../../local/cluster/addons/objects.ts";
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

const own = "peer-argo";
const group = "argoproj.io/v1alpha1";

interface Rollout {
  readonly status?: {
    readonly abort?: boolean;
    readonly abortedAt?: string;
    readonly phase?: string;
    readonly currentPodHash?: string;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly currentStepIndex?: number;
  };
}

const statusOf = async ({ api }: Arena): Promise<NonNullable<Rollout["status"]>> =>
  ((await api.get(`/apis/${group}/namespaces/${own}/rollouts/app`)) as Rollout | undefined)?.status ?? {};

/** How many pods there are, so that one or half of them are the share that is asked for. */
const podsFor = new Map([
  [5, 20],
  [25, 4],
  [50, 4],
]);

/** It steers no Gateway API route by itself, so shares are those of pods; a percent would take a hundred of them. */
export const argoRollouts: Contender = {
  name: "Argo Rollouts",
  shortest: { every: 1, over: 3, failures: 1 },
  counted: "ever",
  weights: [...podsFor.keys()],
  says: (settings) =>
    `replica weights (${podsFor.get(settings.weight)} pods), background analysis every ${settings.every} s, failureLimit ` +
    `${settings.failures - 1}, query over ${settings.over} s`,
  host: "argo.example.com",
  namespace: own,

  async deploy(arena, settings) {
    const folder = dirname(await toolPath("argo-rollouts"));
    await arena.definitions(globSync("*-crd.yaml", { cwd: folder }).map((file) => join(folder, file)));
    await arena.controller("argo-rollouts", ["--leader-elect=false"]);
    await apply(arena.cluster, [namespace(own)]);
    await apply(arena.cluster, [service(own, "app", [{ port: 80, targetPort: 8080 }]), route(this.host)]);
    await this.change(arena, settings);
  },

  async change(arena, settings) {
    await apply(arena.cluster, [template(settings), rollout(arena, "1.0.0", "stable", 0, settings)]);
    const isThere = async () => {
      const { phase, availableReplicas } = await statusOf(arena);
      return phase === "Healthy" && availableReplicas === podsFor.get(settings.weight);
    };
    await until("the stable pods of Argo Rollouts", isThere);
  },

  async roll(arena, run, settings) {
    const start = Date.now();
    await apply(arena.cluster, [rollout(arena, "1.1.0", "canary", run, settings)]);
    const pods = podsFor.get(settings.weight)!;
    const isOn = async () => {
      const { abort, abortedAt, updatedReplicas, availableReplicas, currentStepIndex } = await statusOf(arena);
      if (abort && isSince(start, abortedAt)) return "ended";
      const isShared = updatedReplicas === Math.round((pods * settings.weight) / 100) && availableReplicas === pods;
      return !abort && currentStepIndex === 1 && isShared && "on";
    };
    if ((await until("the canary of Argo Rollouts", isOn)) === "ended") return [];
    const { currentPodHash } = await statusOf(arena);
    return arena.podsOf(own, `rollouts-pod-template-hash=${currentPodHash}`);
  },

  hasDecided: async (arena) => (await statusOf(arena)).abort === true,
};

const rollout = (arena: Arena, version: string, track: "stable" | "canary", run: number, settings: Settings) => ({
  apiVersion: group,
  kind: "Rollout",
  metadata: { namespace: own, name: "app" },
  spec: {
    replicas: podsFor.get(settings.weight),
    selector: { matchLabels: { app: "app" } },
    template: {
      metadata: { labels: { app: "app" } },
      spec: { containers: [simulated(arena.images.get(`simulator:${version}`), track, run)] },
    },
    strategy: {
      canary: {
        maxSurge: 1,
        maxUnavailable: 0,
        steps: [{ setWeight: settings.weight }, { pause: {} }],
        analysis: {
          templates: [{ templateName: "bad" }],
          args: [{ name: "hash", valueFrom: { podTemplateHashValue: "Latest" } }],
        },
      },
    },
  },
});

const series = (name: string, more: string, range: number) =>
  `rate(${name}{pod=~"app-{{args.hash}}-.*"${more}}[${range}s])`;

function template({ over, every, failures }: Settings): { metadata: object } {
  const requests = (more: string) => `sum(${series("http_requests_total", more, over)})`;
  const metric = (name: keyof typeof limits, query: string) => ({
    ...{ name, interval: `${every}s`, failureLimit: failures - 1 },
    successCondition: `len(result) == 0 || isNaN(result[0]) || result[0] <= ${limits[name]}`,
    provider: { prometheus: { address: prometheusUrl, query } },
  });
  const durations = series("http_request_duration_seconds_bucket", "", over);
  return {
    ...{ apiVersion: group, kind: "AnalysisTemplate", metadata: { namespace: own, name: "bad" } },
    ...{
      spec: {
        args: [{ name: "hash" }],
        metrics: [
          metric("errors", `(${requests(',code=~"5.."')} or vector(0)) / ${requests("")}`),
          metric("latency", `histogram_quantile(0.95, sum by (le) (${durations}))`),
        ],
      },
    },
  };
}

const route = (host: string) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { namespace: own, name: "app" },
  spec: { parentRefs: [gatewayRef], hostnames: [host], rules: [{ backendRefs: [{ name: "app", port: 80 }] }] },
});
