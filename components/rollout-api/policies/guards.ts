import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { guardManifests, policies } from "./all-policies.ts";

export interface GuardsArgs {
  /** The systems' namespaces. */
  readonly namespaces: readonly string[];
}

/** What no writer gets past, cluster admins included. Has to depend on the RolloutApi, whose objects it reads. */
export class Guards extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:Guards";

  constructor(name: string, args: GuardsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Guards.__pulumiType, name, args, opts);
    const parent = { parent: this };
    for (const one of policies) {
      const { policy, bindings } = guardManifests(one, args.namespaces);
      const declared = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
        `${name}-${one.name}`,
        { metadata: policy.metadata, spec: policy.spec },
        parent,
      );
      for (const { metadata, spec } of bindings) {
        new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
          `${name}-${metadata.name.replace(/^rampart-/, "")}-binding`,
          { metadata, spec },
          { ...parent, dependsOn: declared },
        );
      }
    }
    this.registerOutputs();
  }
}
