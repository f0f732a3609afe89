import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { readEverything } from "../../rollout/postgres/migration.ts";
import type { Half } from "../../rollout/postgres/pair.ts";
import { tlsFolder } from "../../rollout/postgres/patroni.ts";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";
import { lockedContainer, lockedPod, tlsVolume } from "./pods.ts";

export interface ValidationArgs {
  readonly request: ClusterRequest;
  readonly image: string;
  readonly tlsSecret: pulumi.Input<string>;
  /** The Secret with the superuser's. */
  readonly password: pulumi.Input<string>;
  readonly attempt: number;
  /** The one that it follows. */
  readonly leading: Half;
}

/** Before a cluster that follows may lead: it streams, has the roles and schema of the other, and each row can be read. */
export class Validation extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Validation";

  constructor(name: string, args: ValidationArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Validation.__pulumiType, name, args, opts);
    const { scope, namespace } = args.request;
    const labels = { "app.kubernetes.io/name": "validation", "app.kubernetes.io/instance": scope };
    const container = lockedContainer({
      name: "validation",
      image: args.image,
      command: ["/usr/bin/dash", "-euc", readEverything(args.request, args.leading)],
      env: [{ name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: args.password, key: "superuser" } } }],
      resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
      volumeMounts: [
        { name: "tls", mountPath: tlsFolder },
        { name: "tmp", mountPath: "/tmp" },
      ],
    });
    const spec = lockedPod(labels, {
      automountServiceAccountToken: false,
      restartPolicy: "Never",
      containers: [container],
      volumes: [tlsVolume(args.tlsSecret), { name: "tmp", emptyDir: {} }],
    });
    new k8s.batch.v1.Job(
      name,
      {
        metadata: { name: `${scope}-validation-${args.attempt}`, namespace, labels },
        spec: { backoffLimit: 5, activeDeadlineSeconds: 3600, template: { metadata: { labels }, spec } },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
