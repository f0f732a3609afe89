import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { copyScript, refusedCopy } from "../../rollout/postgres/logical.ts";
import type { Half } from "../../rollout/postgres/pair.ts";
import type { ClusterRequest } from "../../rollout/postgres/settings.ts";
import { type SuperuserScript, superuserPod } from "./pods.ts";

export interface CopyArgs extends SuperuserScript {
  readonly request: ClusterRequest;
  /** The cluster that is copied, of an older major version. */
  readonly from: Half;
}

/** Makes a new cluster a copy of one with another major version, which it follows from then on; the update waits for it. */
export class Copy extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:Copy";

  constructor(name: string, args: CopyArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Copy.__pulumiType, name, args, opts);
    const { scope, namespace } = args.request;
    const labels = { "app.kubernetes.io/name": "copy", "app.kubernetes.io/instance": scope };
    const isRefused = { action: "FailJob", onExitCodes: { operator: "In", values: [refusedCopy] } };
    new k8s.batch.v1.Job(
      name,
      {
        metadata: { name: `${scope}-copy`, namespace, labels },
        spec: {
          backoffLimit: 20,
          podFailurePolicy: { rules: [isRefused] },
          template: superuserPod(labels, args, copyScript(args.request, args.from, namespace)),
        },
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
