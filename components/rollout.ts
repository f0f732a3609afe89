import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DesiredRollout, RolloutSpec } from "../rollout/transitions/model.ts";
import { apiVersion } from "./rollout-api/crds.ts";
import { rolloutManifestSpec, rolloutName } from "./rollout-api/rollout-object.ts";

export interface RolloutArgs {
  readonly system: string;
  readonly namespace: string;
  /** What is written. */
  readonly spec: RolloutSpec;
  /** The update goes on when the analyzer has seen this step. */
  readonly awaitsStep: number | undefined;
  /** What was asked for, which may be more than what is written: for policies, which see inputs only. */
  readonly wish: DesiredRollout;
}

/** How far one system's artifact may go: the object that everything else is held against. */
export class Rollout extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:Rollout";
  readonly uid: pulumi.Output<string>;

  constructor(name: string, args: RolloutArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Rollout.__pulumiType, name, args, opts);
    const { namespace, awaitsStep, spec } = args;
    const waitFor = { "pulumi.com/waitFor": `jsonpath={.status.observedStep}=${awaitsStep}` };
    const object = new k8s.apiextensions.CustomResource(
      `${name}-rollout`,
      {
        apiVersion,
        kind: "Rollout",
        metadata: { name: rolloutName, namespace, ...(awaitsStep === undefined ? {} : { annotations: waitFor }) },
        spec: rolloutManifestSpec(spec),
      },
      { parent: this, customTimeouts: { update: "2m" } },
    );
    this.uid = object.metadata.uid;
    this.registerOutputs({ uid: this.uid });
  }
}
