import * as pulumi from "@pulumi/pulumi";
import { objectSeries } from "../../../rollout/monitoring/scrape-jobs.ts";
import { labelsOf, part } from "../part.ts";
import { Watches } from "../watches.ts";

export interface ObjectMetricsArgs {
  readonly namespace: pulumi.Input<string>;
  /** Of kube-state-metrics. */
  readonly image: string;
  /** Namespaces by their names. */
  readonly watches: Readonly<Record<string, pulumi.Input<string>>>;
}

const who = "kube-state-metrics";

/** What the cluster's objects say of the systems: restarts, kills, replicas that are missing. */
export class ObjectMetrics extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:ObjectMetrics";

  constructor(name: string, args: ObjectMetricsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(ObjectMetrics.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { namespace, image, watches } = args;
    const resources = [
      { apiGroup: "", resources: ["pods"] },
      { apiGroup: "apps", resources: ["deployments", "statefulsets"] },
    ];
    new Watches(name, { who, namespace, labels: labelsOf(who), resources, namespaces: watches }, parent);
    part(
      name,
      {
        who,
        namespace,
        image,
        args: [
          "--resources=pods,deployments,statefulsets",
          pulumi.interpolate`--namespaces=${pulumi.all(Object.values(watches)).apply((names) => names.join(","))}`,
          `--metric-allowlist=${objectSeries.join(",")}`,
        ],
        ports: { http: 8080 },
        answers: { path: "/livez", port: "http" },
        cpu: "20m",
        memory: "128Mi",
        account: who,
      },
      parent,
    );
    this.registerOutputs();
  }
}
