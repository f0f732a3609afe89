import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { denyByDefault } from "./default-deny.ts";

export interface AnalyzerIdentityArgs {
  readonly namespace: string;
}

const read = ["get", "list", "watch"];

/** What it may write: verdicts, and less traffic for a canary. What it may not raise is a policy's to say. */
const rules = [
  { apiGroups: ["rampart.dev"], resources: ["rollouts", "rolloutplans"], verbs: read },
  { apiGroups: ["rampart.dev"], resources: ["rollouts/status", "rolloutplans/status"], verbs: ["update", "patch"] },
  { apiGroups: ["gateway.networking.k8s.io"], resources: ["httproutes"], verbs: [...read, "patch"] },
  { apiGroups: ["apps"], resources: ["deployments"], verbs: read },
  { apiGroups: [""], resources: ["pods"], verbs: read },
  { apiGroups: [""], resources: ["events"], verbs: ["get", "list", "create", "patch"] },
];

/** Who writes verdicts: the one account whose word on a Rollout's status counts. */
export class AnalyzerIdentity extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:AnalyzerIdentity";
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: AnalyzerIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super(AnalyzerIdentity.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
      parent,
    );
    this.namespace = namespace.metadata.name;
    denyByDefault(name, this.namespace, parent);
    const account = new k8s.core.v1.ServiceAccount(
      `${name}-account`,
      { metadata: { name: "analyzer", namespace: namespace.metadata.name }, automountServiceAccountToken: false },
      parent,
    );
    const role = new k8s.rbac.v1.ClusterRole(`${name}-role`, { metadata: { name: "rampart-analyzer" }, rules }, parent);
    new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-binding`,
      {
        metadata: { name: "rampart-analyzer" },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace: args.namespace }],
      },
      parent,
    );
    this.registerOutputs({ namespace: this.namespace });
  }
}
