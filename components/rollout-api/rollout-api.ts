import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { planCrd, rolloutCrd } from "./crds.ts";

/** The kinds Rollout and RolloutPlan, with the transitions that the API server itself refuses. */
export class RolloutApi extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:RolloutApi";

  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super(RolloutApi.__pulumiType, name, {}, opts);
    // Deleting a kind deletes its objects, and with them every guard that reads one.
    const options = { parent: this, protect: true };
    const define = (role: string, { metadata, spec }: typeof rolloutCrd) =>
      // The SDK spells extensions with underscores, which not every client turns back; as the API server spells them, they arrive.
      new k8s.apiextensions.v1.CustomResourceDefinition(
        `${name}-${role}`,
        { metadata, spec: spec as unknown as k8s.types.input.apiextensions.v1.CustomResourceDefinitionSpec },
        options,
      );
    define("rollout", rolloutCrd);
    define("plan", planCrd);
    this.registerOutputs();
  }
}
