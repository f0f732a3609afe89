import { at } from "../../base/properties.ts";
import { items, type KubeObject, text } from "../kube-object.ts";
import { type Await, ready, waiting } from "./readiness.ts";

export const serviceAwait: Await = {
  timeoutSeconds: 600,
  related(service) {
    if (!needsEndpoints(service)) return [];
    const labels = `kubernetes.io/service-name=${text(service, "metadata", "name")}`;
    const namespace = text(service, "metadata", "namespace");
    return [{ apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", namespace, labels }];
  },
  check(service, slices) {
    const isBalanced = text(service, "spec", "type") === "LoadBalancer";
    if (isBalanced && items(service, "status", "loadBalancer", "ingress").length === 0) {
      return waiting("no load balancer address yet");
    }
    const targets = slices.flatMap((slice) => items(slice, "endpoints"));
    const reachable = targets.filter((target) => at(target, "conditions", "ready") !== false);
    if (!needsEndpoints(service) || reachable.length > 0) return ready;
    return waiting(`no ready pod matches the selector yet (${targets.length} not ready)`);
  },
};

/** ExternalName, headless and selectorless services have no endpoints of their own to wait for. */
function needsEndpoints(service: KubeObject): boolean {
  const hasSelector = Object.keys((at(service, "spec", "selector") as object | undefined) ?? {}).length > 0;
  const isHeadless = text(service, "spec", "clusterIP") === "None";
  return hasSelector && !isHeadless && text(service, "spec", "type") !== "ExternalName";
}

export const volumeClaimAwait: Await = {
  timeoutSeconds: 300,
  related: () => [{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass" }],
  check(claim, storageClasses) {
    const phase = text(claim, "status", "phase") ?? "Pending";
    if (phase === "Bound") return ready;
    const name = text(claim, "spec", "storageClassName");
    const used = storageClasses.find((each) =>
      name === undefined ? isDefault(each) : text(each, "metadata", "name") === name,
    );
    // Bound only when a pod wants it, which may well wait for this resource.
    if (text(used, "volumeBindingMode") === "WaitForFirstConsumer") return ready;
    return waiting(`claim is ${phase}, not bound (storage class ${text(used, "metadata", "name") ?? name ?? "none"})`);
  },
};

function isDefault(storageClass: KubeObject): boolean {
  return text(storageClass, "metadata", "annotations", "storageclass.kubernetes.io/is-default-class") === "true";
}
