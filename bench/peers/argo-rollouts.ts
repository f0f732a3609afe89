import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import { namespace, service } from "../../local/cluster/addons/objects.ts";
import { apply } from "../../local/cluster/cluster.ts";
import { toolPath } from "../../local/tools/tools.ts";
import { type Arena, type Contender, gatewayRef, prometheusUrl, simulated, until } from "./arena.ts";

const own = "peer-argo";
const group = "argoproj.io/v1alpha1";

interface Rollout {
  readonly status?: {
    readonly abort?: boolean;
    readonly phase?: string;
    readonly currentPodHash?: string;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly currentStepIndex?: number;
  };
}

const statusOf = async ({ api }: Arena): Promise<NonNullable<Rollout["status"]>> =>
  ((await api.get(`/apis/${group}/namespaces/${own}/rollouts/app`)) as Rollout | undefined)?.status ?? {};

/** One pod of four is new; it steers no Gateway API route by itself, so shares are those of pods. */
export const argoRollouts: Contender = {
  name: "Argo Rollouts",
  settings: "replica weights, background analysis every 1 s, failureLimit 0, query over 3 s",
  host: "argo.example.com",
  namespace: own,

  async deploy(arena) {
    const folder = dirname(await toolPath("argo-rollouts"));
    await arena.definitions(globSync("*-crd.yaml", { cwd: folder }).map((file) => join(folder, file)));
    await arena.controller("argo-rollouts", ["--leader-elect=false"]);
    await apply(arena.cluster, [namespace(own)]);
    await apply(arena.cluster, [template, service(own, "app", [{ port: 80, targetPort: 8080 }]), route(this.host)]);
    await apply(arena.cluster, [rollout(arena, "1.0.0", "stable", 0)]);
    const isThere = async () => {
      const { phase, availableReplicas } = await statusOf(arena);
      return phase === "Healthy" && availableReplicas === 4;
    };
    await until("the stable pods of Argo Rollouts", isThere);
  },

  async roll(arena, run) {
    await apply(arena.cluster, [rollout(arena, "1.1.0", "canary", run)]);
    const isOn = async () => {
      const { abort, updatedReplicas, availableReplicas, currentStepIndex } = await statusOf(arena);
      return !abort && currentStepIndex === 1 && updatedReplicas === 1 && availableReplicas === 4;
    };
    await until("the canary of Argo Rollouts", isOn);
    const { currentPodHash } = await statusOf(arena);
    return arena.podsOf(own, `rollouts-pod-template-hash=${currentPodHash}`);
  },

  hasDecided: async (arena) => (await statusOf(arena)).abort === true,
};

const rollout = (arena: Arena, version: string, track: "stable" | "canary", run: number) => ({
  apiVersion: group,
  kind: "Rollout",
  metadata: { namespace: own, name: "app" },
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: "app" } },
    template: {
      metadata: { labels: { app: "app" } },
      spec: { containers: [simulated(arena.images.get(`simulator:${version}`), track, run)] },
    },
    strategy: {
      canary: {
        maxSurge: 1,
        maxUnavailable: 0,
        steps: [{ setWeight: 25 }, { pause: {} }],
        analysis: {
          templates: [{ templateName: "errors" }],
          args: [{ name: "hash", valueFrom: { podTemplateHashValue: "Latest" } }],
        },
      },
    },
  },
});

const series = (more: string) => `sum(rate(http_requests_total{pod=~"app-{{args.hash}}-.*"${more}}[3s]))`;

const template = {
  apiVersion: group,
  kind: "AnalysisTemplate",
  metadata: { namespace: own, name: "errors" },
  spec: {
    args: [{ name: "hash" }],
    metrics: [
      {
        ...{ name: "errors", interval: "1s", failureLimit: 0 },
        successCondition: "len(result) == 0 || isNaN(result[0]) || result[0] < 0.05",
        provider: {
          prometheus: {
            address: prometheusUrl,
            query: `(${series(',code=~"5.."')} or vector(0)) / ${series("")}`,
          },
        },
      },
    ],
  },
};

const route = (host: string) => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { namespace: own, name: "app" },
  spec: { parentRefs: [gatewayRef], hostnames: [host], rules: [{ backendRefs: [{ name: "app", port: 80 }] }] },
});
