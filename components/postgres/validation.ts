import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { readEverything } from "../../rollout/postgres/migration.ts";
import type { Half } from "../../rollout/postgres/pair.ts";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";
import { type SuperuserScript, superuserPod } from "./pods.ts";

export interface ValidationArgs extends SuperuserScript {
  readonly request: ClusterRequest;
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
    const template = superuserPod(labels, args, readEverything(args.request, args.leading));
    new k8s.batch.v1.Job(
      name,
      {
        metadata: { name: `${scope}-validation-${args.attempt}`, namespace, labels },
        spec: { backoffLimit: 5, activeDeadlineSeconds: 3600, template },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
