import assert from "node:assert/strict";
import { importImages } from "../../../local/cluster/addons/addons.ts";
import { servedGateway } from "../../../local/cluster/addons/gateway.ts";
import { apply, type Cluster, kubectl } from "../../../local/cluster/cluster.ts";
import { waitFor } from "../../../local/wait.ts";
import type { SystemName } from "../../../rollout/plan/systems.ts";
import { up, type Workspace, workspace } from "../../engine/support.ts";
import { sharedCluster } from "../../support/clusters.ts";
import { monitoring, namespace, program, routed, simulated, systems } from "./fixture.ts";
import { ask, Sink } from "./inside.ts";

/** From the fault to the webhook; the plan of WDBX says so of every alert of its own. */
const within = { timeout: 30_000, interval: 100 };

interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

/** A canary of every system under load, the monitoring that looks at them, and the webhook that it calls. */
export class Watched {
  readonly cluster: Cluster;
  readonly sink: Sink;
  readonly project: Workspace;
  readonly images: ReadonlyMap<string, string>;

  private constructor(cluster: Cluster, sink: Sink, project: Workspace, images: ReadonlyMap<string, string>) {
    this.cluster = cluster;
    this.sink = sink;
    this.project = project;
    this.images = images;
  }

  static async start(): Promise<Watched> {
    const cluster = await sharedCluster("node");
    const names = ["load", "simulator:1.0.0", "prometheus", "alertmanager", "node-exporter"];
    const images = await importImages(cluster, names);
    await apply(cluster, systems.map(namespace));
    const project = await workspace(program(cluster, images), { kubeconfig: cluster.where.kubeconfig("admin") });
    const watched = new Watched(cluster, new Sink(cluster, 9999), project, images);
    const run = async () => {
      const accounts = systems.map((system) => ["-n", system, "get", "serviceaccount", "default"]);
      await Promise.all(accounts.map((account) => kubectl(cluster, account, { retry: true })));
      await kubectl(cluster, ["create", "namespace", servedGateway.namespace]).catch(() => undefined);
      await apply(cluster, [...systems.flatMap((system) => simulated(system, images)), ...routed("wdbx")]);
    };
    try {
      await Promise.all([project.run(up), run()]);
    } catch (error) {
      await watched.stop();
      throw error;
    }
    return watched;
  }

  /** Every target is up, and enough of the past is known to judge by. */
  async ready(): Promise<void> {
    // Ten canaries, the proxy, the node, and the four that watch.
    const expression = "count(up == 1) == 16 and on () max(system_track:latency_p95_trials:1m) > 100";
    const isReady = async (index: number) => (await this.query(expression, index)).length === 1;
    await Promise.all(
      [0, 1].map((index) =>
        waitFor("all targets to be up and traffic to be known", () => isReady(index), {
          timeout: 120_000,
          interval: 500,
        }),
      ),
    );
  }

  async stop(): Promise<void> {
    this.sink.close();
    await this.project.remove();
    await kubectl(this.cluster, ["delete", "namespace", monitoring, ...systems, "--wait=false", "--ignore-not-found"]);
  }

  podAddress(space: string, ...which: string[]): Promise<string> {
    return kubectl(this.cluster, ["-n", space, "get", "pod", ...which]);
  }

  async prometheus(index: number, path: string): Promise<string> {
    const address = await this.podAddress(monitoring, `prometheus-${index}`, "--output=jsonpath={.status.podIP}");
    return ask(this.cluster, `http://${address}:9090${path}`);
  }

  async query(expression: string, index = 0): Promise<Sample[]> {
    return JSON.parse(await this.prometheus(index, `/api/v1/query?query=${encodeURIComponent(expression)}`)).data
      .result;
  }

  /** Makes the canary of a system misbehave, or behave again; gives the moment. */
  async fault(system: SystemName, faults: object): Promise<number> {
    const canary = ["--selector=rampart.dev/track=canary", "--output=jsonpath={.items[0].status.podIP}"];
    const address = await this.podAddress(system, ...canary);
    const at = Date.now();
    await ask(this.cluster, `http://${address}:9091/faults`, faults);
    return at;
  }

  /** The canary serves and is ready, but nobody answers any more where its metrics were. */
  async hideMetrics(system: SystemName): Promise<void> {
    const app = {
      name: "app",
      env: [{ name: "METRICS", value: ":9095" }],
      readinessProbe: { httpGet: { path: "/readyz", port: 9095 } },
    };
    const patch = JSON.stringify({ spec: { template: { spec: { containers: [app] } } } });
    await kubectl(this.cluster, ["-n", system, "patch", "deployment", `${system}-canary`, `--patch=${patch}`]);
    await kubectl(this.cluster, ["-n", system, "rollout", "status", "deployment", `${system}-canary`, "--timeout=60s"]);
  }

  /** Waits for the alert at the webhook and looks at its labels; gives how long it took. */
  async called(name: string, labels: Record<string, string>, since: number, options: object = within): Promise<number> {
    const alert = await waitFor(`${name} at the webhook`, async () => this.sink.firing(name, since), options);
    for (const [label, text] of Object.entries(labels)) assert.equal(alert.labels[label], text, `${name}: ${label}`);
    assert.match(alert.annotations.runbook_url!, /\/docs\/runbooks\/[a-z-]+\.md$/);
    return alert.at - since;
  }

  /** How often people were told that it fires. */
  told(name: string, since: number): number {
    const same = ({ labels, status, at }: Sink["alerts"][number]) =>
      labels.alertname === name && status === "firing" && at >= since;
    return this.sink.alerts.filter(same).length;
  }
}
