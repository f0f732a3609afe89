import { importImages } from "../../local/cluster/addons/addons.ts";
import { apply, type Cluster, kubectl } from "../../local/cluster/cluster.ts";
import { sharedCluster } from "./clusters.ts";

let counter = 0;

/** A namespace of one test on the shared node, with a client pod in it; gone with the run's cluster. */
export class Space {
  readonly cluster: Cluster;
  readonly namespace: string;
  private readonly images: ReadonlyMap<string, string>;

  private constructor(cluster: Cluster, namespace: string, images: ReadonlyMap<string, string>) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.images = images;
  }

  static async open(namespace = `test-${++counter}`): Promise<Space> {
    const cluster = await sharedCluster("node");
    const images = await importImages(cluster, ["load", "simulator:1.0.0", "simulator:1.1.0"]);
    const space = new Space(cluster, namespace, images);
    await kubectl(cluster, ["create", "namespace", space.namespace]);
    await kubectl(cluster, ["-n", space.namespace, "get", "serviceaccount", "default"], { retry: true });
    await space.apply(space.pod("client", { image: "load", args: ["sleep"] }));
    await space.kubectl("wait", "--for=condition=Ready", "pod/client", "--timeout=60s");
    return space;
  }

  image(name: string): string {
    return this.images.get(name)!;
  }

  kubectl(...args: string[]): Promise<string> {
    return kubectl(this.cluster, ["-n", this.namespace, ...args]);
  }

  apply(...objects: { metadata: object }[]): Promise<void> {
    const placed = objects.map((each) => ({ ...each, metadata: { namespace: this.namespace, ...each.metadata } }));
    return apply(this.cluster, placed);
  }

  /** Asks from inside the cluster, as a pod would: counts by track and status. */
  async probe(url: string, ...args: string[]): Promise<{ tracks: Record<string, Record<string, number>> }> {
    const said = await this.kubectl("exec", "client", "--", "load", "probe", ...args, url);
    return JSON.parse(said);
  }

  pod(name: string, container: { image: string; args?: string[]; [key: string]: unknown }, spec: object = {}) {
    const { image, ...rest } = container;
    return {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, labels: { app: name } },
      spec: { terminationGracePeriodSeconds: 0, containers: [{ name, image: this.image(image), ...rest }], ...spec },
    };
  }

  /** The simulator as a track of a system: a Deployment and its Service. */
  simulator(name: string, track: "stable" | "canary", version = "1.0.0", replicas = 1) {
    const labels = { app: name };
    const env = [
      { name: "SYSTEM", value: "wdbx" },
      { name: "TRACK", value: track },
    ];
    const container = {
      name: "app",
      image: this.image(`simulator:${version}`),
      env,
      readinessProbe: { httpGet: { path: "/readyz", port: 9090 }, periodSeconds: 1 },
    };
    return [
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name },
        spec: {
          replicas,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [container] } },
        },
      },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name },
        spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
      },
    ];
  }
}
