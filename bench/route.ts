import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "../live/api.ts";
import { objectPath } from "../live/paths.ts";
import { importImages, installAddons } from "../local/cluster/addons/addons.ts";
import { apply, type Cluster, kubectl } from "../local/cluster/cluster.ts";
import { startCluster } from "../local/cluster/start.ts";
import { stopCluster } from "../local/cluster/stop.ts";
import { waitFor } from "../local/wait.ts";
import { quantile } from "./support/measure.ts";

export const summary = "from a weight that changed in the API to the last request that went by the old one";

const namespace = "bench-route";
const host = "bench-route.example.com";
const changes = 60;
const clients = 8;
/** The gateway's controller gathers changes that follow each other within half a second; nobody climbs that fast. */
const quietMs = 700;

/** On a cluster of its own and without a guard, so that nothing but the gateway is measured. */
export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const name = `bench-${process.pid}`;
  const cluster = await startCluster({ name, mode: "node", isThrowAway: true });
  try {
    await installAddons(cluster);
    await deploy(cluster);
    const took = await flip(cluster);
    const at = (share: number): number => quantile(took, share);
    const figures = { changes, medianMs: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
    if (!json) {
      console.log(`${changes} changes of all traffic: last request by the old weight after (ms)`);
      console.log(`median ${figures.medianMs}, p99 ${figures.p99Ms}, longest ${figures.maxMs}`);
    }
    return figures;
  } finally {
    await stopCluster(name, { deleteData: true });
  }
}

/** Everybody from one track to the other and back; milliseconds from the answer to the write to the last request. */
async function flip(cluster: Cluster): Promise<number[]> {
  process.env.KUBECONFIG = cluster.where.kubeconfig("admin");
  const api = connect("admin");
  const path = objectPath("gateway.networking.k8s.io/v1", "httproutes", namespace, "web");
  const traffic = new Traffic(cluster.address);
  const took: number[] = [];
  try {
    await waitFor("the first answer", async () => traffic.last.stable > 0);
    for (let change = 0; change < changes; change += 1) {
      const [from, to] = change % 2 === 0 ? (["stable", "canary"] as const) : (["canary", "stable"] as const);
      await api.patch(path, "merge", { spec: route(to).spec });
      const written = performance.now();
      const isQuiet = () =>
        traffic.last[to] > written && performance.now() - Math.max(written, traffic.last[from]) > quietMs;
      await waitFor("the new track", async () => isQuiet(), { interval: 10 });
      took.push(Math.max(0, traffic.last[from] - written));
    }
  } finally {
    traffic.stop();
  }
  return took;
}

async function deploy(cluster: Cluster): Promise<void> {
  const images = await importImages(cluster, ["simulator:1.0.0"]);
  await apply(cluster, [
    ...["rampart-gateway", namespace].map((name) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } })),
    gateway,
    ...(["stable", "canary"] as const).flatMap((track) => simulator(track, images.get("simulator:1.0.0")!)),
    route("stable"),
  ] as { metadata: object }[]);
  for (const track of ["stable", "canary"]) {
    await kubectl(cluster, ["-n", namespace, "rollout", "status", `deployment/${track}`, "--timeout=60s"]);
  }
}

const gateway = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "gateway", namespace: "rampart-gateway" },
  spec: {
    gatewayClassName: "rampart",
    listeners: [{ name: "http", port: 80, protocol: "HTTP", allowedRoutes: { namespaces: { from: "All" } } }],
  },
};

function simulator(track: string, image: string): object[] {
  const labels = { app: track };
  const env = [
    { name: "SYSTEM", value: "wdbx" },
    { name: "TRACK", value: track },
  ];
  const readinessProbe = { httpGet: { path: "/readyz", port: 9090 }, periodSeconds: 1 };
  return [
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: track, namespace },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [{ name: "app", image, env, readinessProbe }] } },
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: track, namespace },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
}

const route = (to: "stable" | "canary") => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: { name: "web", namespace },
  spec: {
    parentRefs: [{ namespace: "rampart-gateway", name: "gateway" }],
    hostnames: [host],
    rules: [
      {
        backendRefs: ["stable", "canary"].map((name) => ({ name, port: 80, weight: name === to ? 100 : 0 })),
      },
    ],
  },
});

/** A few clients that ask without a pause, and when each track answered last. */
class Traffic {
  readonly last = { stable: 0, canary: 0 };
  readonly #agent = new Agent({ keepAlive: true, maxSockets: clients });
  #isOver = false;

  constructor(address: string) {
    for (let client = 0; client < clients; client += 1) void this.#ask(address);
  }

  stop(): void {
    this.#isOver = true;
    this.#agent.destroy();
  }

  async #ask(address: string): Promise<void> {
    while (!this.#isOver) {
      const sent = performance.now();
      const track = await this.#one(address).catch(() => undefined);
      // A request goes by the weight that held when it came in.
      if (track === "stable" || track === "canary") this.last[track] = Math.max(this.last[track], sent);
      else await pause(20);
    }
  }

  #one(address: string): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const sent = request({ host: address, port: 80, headers: { host }, agent: this.#agent }, (answer) => {
        answer.resume().once("end", () => resolve(answer.headers["x-track"]?.toString()));
      });
      sent.once("error", reject).end();
    });
  }
}
