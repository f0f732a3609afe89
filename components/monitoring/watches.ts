import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface WatchesArgs {
  /** Also the account's name. */
  readonly who: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
  readonly resources: readonly { readonly apiGroup: string; readonly resources: readonly string[] }[];
  /** By their names, so that one more or less leaves the others' bindings alone. */
  readonly namespaces: Readonly<Record<string, pulumi.Input<string>>>;
}

/** An account that may look at a few kinds of objects in a few namespaces, and at nothing else of the cluster. */
export class Watches extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:Watches";

  constructor(name: string, args: WatchesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Watches.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { who, namespace, labels } = args;
    const metadata = { name: who, namespace, labels };
    new k8s.core.v1.ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, parent);
    const verbs = ["get", "list", "watch"];
    const rules = args.resources.map(({ apiGroup, resources }) => ({
      apiGroups: [apiGroup],
      resources: [...resources],
      verbs,
    }));
    const role = `rampart-${who}`;
    new k8s.rbac.v1.ClusterRole(`${name}-role`, { metadata: { name: role }, rules }, parent);
    for (const [space, watched] of Object.entries(args.namespaces)) {
      new k8s.rbac.v1.RoleBinding(
        `${name}-watches-${space}`,
        {
          metadata: { name: who, namespace: watched },
          roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
          subjects: [{ kind: "ServiceAccount", name: who, namespace }],
        },
        parent,
      );
    }
    this.registerOutputs();
  }
}
