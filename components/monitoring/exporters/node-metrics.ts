import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { asked, awaitedByNobody, bounded, lockedPod } from "../pod.ts";

export interface NodeMetricsArgs {
  readonly namespace: pulumi.Input<string>;
  /** Of the node exporter. */
  readonly image: string;
}

const labels = { "app.kubernetes.io/name": "node-exporter", "app.kubernetes.io/part-of": "rampart" };

/** What any container sees in /proc is the node's, so nothing of the node is mounted; file systems and network aren't. */
const collectors = ["cpu", "meminfo", "vmstat", "diskstats", "loadavg", "pressure"];

/** One on each node: processor, memory, disks, and whom the kernel has killed. */
export class NodeMetrics extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:NodeMetrics";

  constructor(name: string, { namespace, image }: NodeMetricsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(NodeMetrics.__pulumiType, name, { namespace, image }, opts);
    const container = {
      name: "node-exporter",
      image,
      args: ["--collector.disable-defaults", ...collectors.map((one) => `--collector.${one}`)],
      ports: [{ name: "http", containerPort: 9100 }],
      resources: bounded("10m", "64Mi"),
      ...asked("/", "http"),
    };
    new k8s.apps.v1.DaemonSet(
      name,
      {
        metadata: { name: "node-exporter", namespace, labels, annotations: awaitedByNobody },
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: lockedPod(container, {
              automountServiceAccountToken: false,
              // A node that takes no others has to be known all the same.
              tolerations: [{ operator: "Exists" }],
            }),
          },
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
