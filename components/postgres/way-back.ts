import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  wayBackCondition,
  wayBackHours,
  wayBackPolicy,
  wayBackRules,
  wayBackVariables,
} from "../../rollout/postgres/way-back.ts";

export interface WayBackArgs {
  /** For how long the old cluster has to stay; a rehearsal's time goes faster. */
  readonly hours?: number;
}

/** Keeps everybody, cluster admins included, from removing a cluster that is the way back of another. */
export class WayBack extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:WayBack";

  constructor(name: string, args: WayBackArgs = {}, opts?: pulumi.ComponentResourceOptions) {
    super(WayBack.__pulumiType, name, args, opts);
    const rules = wayBackRules(args.hours ?? wayBackHours);
    const metadata = { name: wayBackPolicy };
    const policy = new k8s.admissionregistration.v1.ValidatingAdmissionPolicy(
      `${name}-policy`,
      {
        metadata,
        spec: {
          failurePolicy: "Fail",
          paramKind: { apiVersion: "coordination.k8s.io/v1", kind: "Lease" },
          matchConstraints: {
            resourceRules: [
              {
                apiGroups: ["apps"],
                apiVersions: ["v1"],
                resources: ["statefulsets"],
                operations: ["UPDATE", "DELETE"],
              },
            ],
          },
          matchConditions: [{ name: "is-way-back", expression: wayBackCondition }],
          variables: wayBackVariables,
          validations: rules.map(({ expression, message }) => ({ expression, message, reason: "Forbidden" })),
        },
      },
      { parent: this },
    );
    new k8s.admissionregistration.v1.ValidatingAdmissionPolicyBinding(
      `${name}-binding`,
      {
        metadata,
        spec: {
          policyName: metadata.name,
          validationActions: ["Deny"],
          paramRef: {
            namespace: "kube-system",
            selector: { matchLabels: { "apiserver.kubernetes.io/identity": "kube-apiserver" } },
            parameterNotFoundAction: "Deny",
          },
        },
      },
      { parent: this, dependsOn: policy },
    );
    this.registerOutputs({});
  }
}
