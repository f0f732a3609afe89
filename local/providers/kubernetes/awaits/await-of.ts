import { annotation, groupKind, isTrue, type KubeObject } from "../kube-object.ts";
import { crdAwait, namespaceAwait } from "./api-objects.ts";
import { serviceAwait, volumeClaimAwait } from "./network-and-storage.ts";
import { podAwait } from "./pods.ts";
import type { Await } from "./readiness.ts";
import { parseWaitFor } from "./wait-for.ts";
import { daemonSetAwait, deploymentAwait, jobAwait, statefulSetAwait } from "./workloads.ts";

const byKind: Record<string, Await> = {
  "apiextensions.k8s.io/CustomResourceDefinition": crdAwait,
  "apps/DaemonSet": daemonSetAwait,
  "apps/Deployment": deploymentAwait,
  "apps/StatefulSet": statefulSetAwait,
  "batch/Job": jobAwait,
  Namespace: namespaceAwait,
  PersistentVolumeClaim: volumeClaimAwait,
  Pod: podAwait,
  Service: serviceAwait,
};

/** What an object is waited for; undefined means that it is done when the server has taken it. */
export function awaitOf(object: KubeObject): Await | undefined {
  if (skipsAwait(object)) return undefined;
  const waitFor = annotation(object, "pulumi.com/waitFor");
  return waitFor === undefined ? byKind[groupKind(object)] : parseWaitFor(waitFor);
}

export function skipsAwait(object: KubeObject): boolean {
  return isTrue(annotation(object, "pulumi.com/skipAwait"));
}

/** The resource's own timeout, then the annotation, then the kind's. */
export function timeoutSecondsOf(object: KubeObject, customTimeout: number, byDefault: number): number {
  if (customTimeout > 0) return customTimeout;
  const annotated = Number(annotation(object, "pulumi.com/timeoutSeconds"));
  return annotated > 0 ? annotated : byDefault;
}
