import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { type Api, connect } from "../../live/api.ts";
import { LiveError } from "../../live/live-error.ts";
import { listPath } from "../../live/paths.ts";
import { importImages } from "../../local/cluster/addons/addons.ts";
import { servedGateway } from "../../local/cluster/addons/gateway.ts";
import {
  clusterRoleBinding,
  configMap,
  deployment,
  namespace,
  service,
  serviceAccount,
} from "../../local/cluster/addons/objects.ts";
import { apply, type Cluster, kubectl } from "../../local/cluster/cluster.ts";
import { waitFor } from "../../local/wait.ts";
import { sharedCluster, stopSharedClusters } from "../../test/support/clusters.ts";
import { openGateway } from "../../test/support/gateway.ts";
import type { Load } from "../../test/support/load.ts";
import { type Fault, repeated } from "../support/faults.ts";
import type { Counted, Looks } from "./tuning.ts";

/** Where the peers and what they look at run. */
export const space = "peers";
export const prometheusUrl = `http://prometheus.${space}:9090`;

export const gatewayRef = { group: "gateway.networking.k8s.io", kind: "Gateway", ...servedGateway };

/** What Rampart's plan allows of the same: failures as a share, and the 95th percentile in seconds. */
export const limits = { errors: 0.01, latency: 0.002 };

/** What somebody is told to do. */
export interface Settings extends Looks {
  /** Percent of the requests that the new version gets. */
  readonly weight: number;
}

/** Somebody who rolls out, watches and rolls back. */
export interface Contender {
  readonly name: string;
  /** The shortest that it takes, and how bad looks are counted. */
  readonly shortest: Looks;
  readonly counted: Counted;
  /** What it was told to do, in words. */
  says(settings: Settings): string;
  readonly host: string;
  readonly namespace: string;
  /** Weights that it can give here. */
  readonly weights: readonly number[];
  deploy(arena: Arena, settings: Settings): Promise<void>;
  /** Between two attempts. */
  change(arena: Arena, settings: Settings): Promise<void>;
  /** Lets a new version have its share of the requests; gives its pods once they have, none where it was ended before. */
  roll(arena: Arena, run: number, settings: Settings): Promise<string[]>;
  /** Whether it has seen that the new version is bad. */
  hasDecided(arena: Arena): Promise<boolean>;
}

export interface Course {
  readonly decided: number | undefined;
  readonly lastCanary: number | undefined;
}

/** A cluster with a gateway, a Prometheus that looks once a second, and the peers' controllers. */
export class Arena {
  readonly cluster: Cluster;
  readonly api: Api;
  readonly images: ReadonlyMap<string, string>;

  private constructor(cluster: Cluster, api: Api, images: ReadonlyMap<string, string>) {
    this.cluster = cluster;
    this.api = api;
    this.images = images;
  }

  static async open(): Promise<Arena> {
    const cluster = await sharedCluster("node");
    process.env.KUBECONFIG = cluster.where.kubeconfig("admin");
    const images = await importImages(cluster, [
      ...["flagger", "argo-rollouts", "prometheus", "simulator:1.0.0", "simulator:1.1.0"],
    ]);
    const arena = new Arena(cluster, connect("admin"), images);
    await apply(cluster, [namespace(space), namespace(servedGateway.namespace)]);
    await apply(cluster, [openGateway, ...prometheus(images.get("prometheus")!)]);
    await arena.isUp("prometheus");
    return arena;
  }

  close(): Promise<void> {
    return stopSharedClusters();
  }

  /** A peer's controller, which may do anything; so it is nobody's lack of rights. */
  async controller(name: string, args: readonly string[]): Promise<void> {
    const container = { name, image: this.images.get(name), args };
    await apply(this.cluster, [
      serviceAccount(space, name),
      clusterRoleBinding(`peer-${name}`, "cluster-admin", space, name),
      deployment(space, name, { serviceAccountName: name, containers: [container] }),
    ]);
    await this.isUp(name);
  }

  async definitions(files: readonly string[]): Promise<void> {
    for (const file of files) await kubectl(this.cluster, ["apply", "--server-side", "-f", file]);
    await kubectl(this.cluster, [
      "wait",
      "--for=condition=Established",
      "--timeout=60s",
      ...files.flatMap((file) => ["-f", file]),
    ]);
  }

  async isUp(name: string): Promise<void> {
    await kubectl(this.cluster, ["-n", space, "rollout", "status", `deployment/${name}`, "--timeout=120s"]);
  }

  async podsOf(space: string, selector: string): Promise<string[]> {
    const path = `${listPath("v1", "pods", space)}?labelSelector=${encodeURIComponent(selector)}`;
    const { items } = (await this.api.get(path)) as { items: { metadata: { name: string } }[] };
    return items.map(({ metadata }) => metadata.name);
  }

  /** Lets the pods misbehave, and sees how long it takes until nobody is on them any more. */
  async breach(
    one: Contender,
    load: Load,
    pods: readonly string[],
    { faults, isAgain }: Fault,
    longestMs: number,
  ): Promise<Course> {
    await load.reset();
    const start = performance.now();
    const post = (pod: string) =>
      this.api
        .create(`/api/v1/namespaces/${one.namespace}/pods/${pod}:9091/proxy/faults`, faults)
        // One that is on its way out is nobody's canary any more.
        .catch((error: unknown) => assert.ok(error instanceof LiveError && error.status === 404, error as Error));
    await Promise.all(pods.map(post));
    const over = new AbortController();
    const again = isAgain && repeated(() => Promise.all(pods.map(post)), over.signal);
    try {
      return await this.#course(one, load, start, longestMs);
    } finally {
      over.abort();
      await again;
    }
  }

  async #course(one: Contender, load: Load, start: number, longestMs: number): Promise<Course> {
    let [canary, lastCanary, decided]: [number, number, number | undefined] = [0, 0, undefined];
    for (let at = 0; at < longestMs; at = performance.now() - start) {
      const [all, hasDecided] = await Promise.all([load.all(), decided === undefined && one.hasDecided(this)]);
      if (all.canary > canary) [canary, lastCanary] = [all.canary, at];
      if (hasDecided) decided = at;
      if (decided !== undefined && at - Math.max(decided, lastCanary) > quietMs) return { decided, lastCanary };
      await pause(20);
    }
    return { decided, lastCanary: undefined };
  }
}

/** So long without the canary, and nobody comes to it any more. */
const quietMs = 2_000;

/** The same program for both tracks; who a pod is comes with each answer. */
export function simulated(image: string | undefined, track: "stable" | "canary", run: number): object {
  return {
    name: "app",
    image,
    env: Object.entries({ TRACK: track, RUN: String(run), DRAIN: "1s" }).map(([name, value]) => ({ name, value })),
    ports: [
      { name: "http", containerPort: 8080 },
      { name: "health", containerPort: 9090 },
    ],
    readinessProbe: { httpGet: { path: "/readyz", port: "health" }, periodSeconds: 1 },
  };
}

export const until = <T>(what: string, check: () => Promise<T>) =>
  waitFor(what, check, { timeout: 240_000, interval: 200 });

/** By the clock of whoever writes whole seconds. */
export const isSince = (start: number, instant: string | undefined): boolean =>
  instant !== undefined && Date.parse(instant) >= Math.floor(start / 1000) * 1000;

function prometheus(image: string): object[] {
  const pods = (names: string[]) => [{ role: "pod", namespaces: { names } }];
  const source = (label: string) => [`__meta_kubernetes_pod_${label}`];
  const address = (port: number) => ({
    ...{ source_labels: source("ip"), target_label: "__address__", replacement: `$1:${port}` },
  });
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s" },
    scrape_configs: [
      {
        job_name: "proxy",
        metrics_path: "/stats/prometheus",
        kubernetes_sd_configs: pods(["projectcontour"]),
        relabel_configs: [{ action: "keep", source_labels: source("label_app"), regex: "envoy" }, address(8002)],
      },
      {
        job_name: "pods",
        kubernetes_sd_configs: pods(["peer-flagger", "peer-argo"]),
        relabel_configs: [
          { action: "keep", source_labels: source("container_port_name"), regex: "health" },
          { source_labels: source("name"), target_label: "pod" },
        ],
      },
    ],
  };
  const container = {
    name: "prometheus",
    image,
    args: ["--config.file=/config/prometheus.yml", "--storage.tsdb.path=/prometheus"],
    volumeMounts: [{ name: "config", mountPath: "/config" }],
    readinessProbe: { httpGet: { path: "/-/ready", port: 9090 }, periodSeconds: 1 },
  };
  return [
    configMap(space, "prometheus", { "prometheus.yml": JSON.stringify(config) }),
    serviceAccount(space, "prometheus"),
    clusterRoleBinding("peer-prometheus", "cluster-admin", space, "prometheus"),
    deployment(space, "prometheus", {
      serviceAccountName: "prometheus",
      containers: [container],
      volumes: [{ name: "config", configMap: { name: "prometheus" } }],
    }),
    service(space, "prometheus", [{ port: 9090 }]),
  ];
}
