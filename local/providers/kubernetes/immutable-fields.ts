import { at, type Path, type Properties } from "../base/properties.ts";
import { groupKind, groupOf, text } from "./kube-object.ts";
import type { ProviderConfig } from "./provider-config.ts";

export type Mutability = Pick<ProviderConfig, "enableConfigMapMutable" | "enableSecretMutable">;

/** Fields that the API server never lets change, so that a change means a new object. */
const fields: Record<string, readonly Path[]> = {
  "apps/DaemonSet": [["spec", "selector"]],
  "apps/Deployment": [["spec", "selector"]],
  "apps/ReplicaSet": [["spec", "selector"]],
  "apps/StatefulSet": [
    ["spec", "selector"],
    ["spec", "serviceName"],
    ["spec", "podManagementPolicy"],
    ["spec", "volumeClaimTemplates"],
  ],
  "batch/Job": [
    ["spec", "completions"],
    ["spec", "completionMode"],
    ["spec", "selector"],
    ["spec", "template"],
  ],
  Service: [["spec", "clusterIP"]],
  PersistentVolumeClaim: [
    ["spec", "accessModes"],
    ["spec", "selector"],
    ["spec", "storageClassName"],
    ["spec", "volumeName"],
    ["spec", "volumeMode"],
    ["spec", "dataSource"],
  ],
  Pod: [
    ["spec", "nodeName"],
    ["spec", "serviceAccountName"],
    ["spec", "volumes"],
    ["spec", "restartPolicy"],
    ["spec", "hostNetwork"],
    ["spec", "dnsPolicy"],
    ["spec", "securityContext"],
    ["spec", "nodeSelector"],
    ["spec", "affinity"],
  ],
  "rbac.authorization.k8s.io/ClusterRoleBinding": [["roleRef"]],
  "rbac.authorization.k8s.io/RoleBinding": [["roleRef"]],
  "storage.k8s.io/StorageClass": [["parameters"], ["provisioner"], ["reclaimPolicy"], ["volumeBindingMode"]],
  "scheduling.k8s.io/PriorityClass": [["value"], ["preemptionPolicy"]],
};

const identity: readonly Path[] = [["kind"], ["metadata", "name"], ["metadata", "namespace"]];

/** The places whose change replaces the object; a container's fields other than the image count for a Pod. */
export function replacingFields(oldInputs: Properties, inputs: Properties, mutable: Mutability): Path[] {
  const sameGroup = groupOf(text(oldInputs, "apiVersion") ?? "") === groupOf(text(inputs, "apiVersion") ?? "");
  return [
    ...identity,
    ...(sameGroup ? [] : [["apiVersion"]]),
    ...(fields[groupKind(inputs)] ?? []),
    ...dataFields(oldInputs, groupKind(inputs), mutable),
    ...(groupKind(inputs) === "Pod" ? podContainerFields(oldInputs, inputs) : []),
  ];
}

/** By default a changed ConfigMap or Secret is a new one, so that what uses it rolls over; `immutable: true` always replaces. */
function dataFields(oldInputs: Properties, kind: string, mutable: Mutability): Path[] {
  const immutable = oldInputs.immutable === true;
  if (kind === "ConfigMap" && (immutable || !mutable.enableConfigMapMutable)) return [["data"], ["binaryData"]];
  if (kind === "Secret") {
    return [["type"], ...(immutable || !mutable.enableSecretMutable ? [["data"], ["stringData"]] : [])];
  }
  return [];
}

function podContainerFields(oldInputs: Properties, inputs: Properties): Path[] {
  return ["containers", "initContainers"].flatMap((list) => {
    const [before, after] = [oldInputs, inputs].map((pod) => at(pod, "spec", list));
    if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return [["spec", list]];
    return before.flatMap((container, index) =>
      [...new Set([container, after[index]].flatMap((each) => Object.keys(each as Properties)))]
        .filter((field) => field !== "image")
        .map((field) => ["spec", list, index, field]),
    );
  });
}
