import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { labelsOf } from "../part.ts";

/** An OpenTelemetry collector looks pods up by address or name; it can watch one namespace or all, so it watches all. */
export function collectorAccount(
  name: string,
  who: string,
  namespace: pulumi.Input<string>,
  opts: pulumi.ResourceOptions,
): void {
  const metadata = { name: who, namespace, labels: labelsOf(who) };
  const role = `rampart-${who}`;
  const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] }];
  new k8s.core.v1.ServiceAccount(`${name}-account`, { metadata, automountServiceAccountToken: false }, opts);
  new k8s.rbac.v1.ClusterRole(`${name}-role`, { metadata: { name: role }, rules }, opts);
  new k8s.rbac.v1.ClusterRoleBinding(
    `${name}-binding`,
    {
      metadata: { name: role },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ kind: "ServiceAccount", name: who, namespace }],
    },
    opts,
  );
}
