import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface PatroniAccessArgs {
  readonly scope: string;
  readonly namespace: pulumi.Input<string>;
}

/** The members' identity: they keep their lock and their state in ConfigMaps and label their own pods, nothing else. */
export class PatroniAccess extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:postgres:PatroniAccess";
  readonly serviceAccount: pulumi.Output<string>;

  constructor(name: string, args: PatroniAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super(PatroniAccess.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const metadata = { name: args.scope, namespace: args.namespace };
    const account = new k8s.core.v1.ServiceAccount(`${name}-account`, { metadata }, parent);
    const role = new k8s.rbac.v1.Role(
      `${name}-role`,
      {
        metadata,
        rules: [
          { apiGroups: [""], resources: ["configmaps"], verbs: ["create", "get", "list", "patch", "watch"] },
          { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "patch", "watch"] },
        ],
      },
      parent,
    );
    const binding = new k8s.rbac.v1.RoleBinding(
      `${name}-binding`,
      {
        metadata,
        subjects: [{ kind: "ServiceAccount", name: args.scope, namespace: args.namespace }],
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: args.scope },
      },
      { ...parent, dependsOn: role },
    );
    this.serviceAccount = pulumi.all([account.metadata.name, binding.id]).apply(([account]) => account);
    this.registerOutputs({ serviceAccount: this.serviceAccount });
  }
}
