import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { guardManifests, policiesFor } from "./all-policies.ts";
import type { Hosts } from "./foreign-hosts.ts";

export interface GuardsArgs {
  /** The systems' namespaces. */
  readonly namespaces: readonly string[];
  /** The systems' hosts, each with the namespaces that it belongs to. */
  readonly hosts: Hosts;
}

/** What no writer gets past, cluster admins included. Has to depend on the RolloutApi, whose objects it reads. */
export class Guards extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:Guards";
  /** Names of the policies, known once all of them are bound. */
  readonly bound: pulumi.Output<string[]>;

  constructor(name: string, args: GuardsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Guards.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const bindings: pulumi.Output<string>[] = [];
    for (const one of policiesFor(args.hosts)) {
      const { policy, bindings: places } = guardManifests(one, args.namespaces);
      const declared = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
        `${name}-${one.name}`,
        { metadata: policy.metadata, spec: policy.spec },
        parent,
      );
      for (const { metadata, spec } of places) {
        const binding = new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
          `${name}-${metadata.name.replace(/^rampart-/, "")}-binding`,
          { metadata, spec },
          { ...parent, dependsOn: declared },
        );
        bindings.push(binding.spec.policyName);
      }
    }
    this.bound = pulumi.all(bindings);
    this.registerOutputs({ bound: this.bound });
  }
}
