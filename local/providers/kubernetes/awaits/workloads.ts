import { at } from "../../base/properties.ts";
import { count, type KubeObject, text } from "../kube-object.ts";
import { podsOf, withTroubles } from "./pods.ts";
import {
  type Await,
  condition,
  explainCondition,
  failed,
  hasCondition,
  isObserved,
  type Readiness,
  ready,
  waiting,
} from "./readiness.ts";

const workloadTimeoutSeconds = 600;

export const deploymentAwait: Await = {
  timeoutSeconds: workloadTimeoutSeconds,
  related: podsOf,
  check(deployment, pods) {
    if (!isObserved(deployment)) return waiting("the deployment controller has not seen the change yet");
    const progressing = condition(deployment, "Progressing");
    if (progressing?.reason === "ProgressDeadlineExceeded")
      return failed(withTroubles(explainCondition(progressing), pods));
    const wanted = wantedReplicas(deployment);
    const updated = count(deployment, "status", "updatedReplicas");
    const available = count(deployment, "status", "availableReplicas");
    const all = count(deployment, "status", "replicas");
    if (updated < wanted) return waiting(withTroubles(`${updated} of ${wanted} pods updated`, pods));
    if (all > updated) return waiting(withTroubles(`${all - updated} old pods left`, pods));
    return podsReady(available, wanted, pods);
  },
};

export const statefulSetAwait: Await = {
  timeoutSeconds: workloadTimeoutSeconds,
  related: podsOf,
  check(set, pods) {
    if (!isObserved(set)) return waiting("the stateful set controller has not seen the change yet");
    const wanted = wantedReplicas(set);
    const onDelete = text(set, "spec", "updateStrategy", "type") === "OnDelete";
    const partition = count(set, "spec", "updateStrategy", "rollingUpdate", "partition");
    const toUpdate = onDelete ? 0 : Math.max(0, wanted - partition);
    const settled = text(set, "status", "currentRevision") === text(set, "status", "updateRevision");
    const updated = settled ? wanted : count(set, "status", "updatedReplicas");
    if (updated < toUpdate) return waiting(withTroubles(`${updated} of ${toUpdate} pods updated`, pods));
    return podsReady(count(set, "status", "readyReplicas"), wanted, pods);
  },
};

export const daemonSetAwait: Await = {
  timeoutSeconds: workloadTimeoutSeconds,
  related: podsOf,
  check(set, pods) {
    if (!isObserved(set)) return waiting("the daemon set controller has not seen the change yet");
    const wanted = count(set, "status", "desiredNumberScheduled");
    const updated = count(set, "status", "updatedNumberScheduled");
    const onDelete = text(set, "spec", "updateStrategy", "type") === "OnDelete";
    if (!onDelete && updated < wanted) return waiting(withTroubles(`${updated} of ${wanted} pods updated`, pods));
    return podsReady(count(set, "status", "numberAvailable"), wanted, pods);
  },
};

export const jobAwait: Await = {
  timeoutSeconds: workloadTimeoutSeconds,
  related: podsOf,
  check(job, pods) {
    if (hasCondition(job, "Complete") || at(job, "spec", "suspend") === true) return ready;
    const failure = condition(job, "Failed");
    if (failure?.status === "True") return failed(withTroubles(explainCondition(failure), pods));
    const wanted = at(job, "spec", "completions") ?? 1;
    return waiting(withTroubles(`${count(job, "status", "succeeded")} of ${wanted} pods succeeded`, pods));
  },
};

function podsReady(available: number, wanted: number, pods: readonly KubeObject[]): Readiness {
  return available < wanted ? waiting(withTroubles(`${available} of ${wanted} pods ready`, pods)) : ready;
}

function wantedReplicas(workload: KubeObject): number {
  const replicas = at(workload, "spec", "replicas");
  return typeof replicas === "number" ? replicas : 1;
}
