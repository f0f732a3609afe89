import { at } from "../../base/properties.ts";
import { items, type KubeObject, selectorOf, text } from "../kube-object.ts";
import {
  type Await,
  condition,
  explainCondition,
  failed,
  hasCondition,
  type Related,
  ready,
  waiting,
} from "./readiness.ts";

const harmlessReasons = new Set(["ContainerCreating", "PodInitializing"]);

/** Why pods don't run, one line per pod and container: image pulls, crash loops, scheduling. */
export function podTroubles(pods: readonly KubeObject[]): string[] {
  return pods.flatMap((pod) => {
    const name = text(pod, "metadata", "name");
    const scheduled = condition(pod, "PodScheduled");
    const unscheduled = scheduled?.status === "False" ? [`pod ${name}: ${explainCondition(scheduled)}`] : [];
    const containers = [...items(pod, "status", "initContainerStatuses"), ...items(pod, "status", "containerStatuses")];
    return [...unscheduled, ...containers.flatMap((container) => containerTrouble(name, container))];
  });
}

function containerTrouble(pod: string | undefined, container: KubeObject): string[] {
  const title = `pod ${pod}, container ${text(container, "name")}`;
  const wait = at(container, "state", "waiting");
  const reason = text(wait, "reason");
  if (reason !== undefined && !harmlessReasons.has(reason)) {
    const last = at(container, "lastState", "terminated");
    const ended =
      last === undefined ? "" : `; it ended with exit code ${at(last, "exitCode")} (${text(last, "reason")})`;
    return [`${title}: ${[reason, text(wait, "message")].filter(Boolean).join(": ")}${ended}`];
  }
  const ended = at(container, "state", "terminated");
  if (ended === undefined || at(ended, "exitCode") === 0) return [];
  return [`${title}: ended with exit code ${at(ended, "exitCode")} (${text(ended, "reason")})`];
}

/** The pods that a workload's selector means. */
export function podsOf(workload: KubeObject): Related[] {
  const labels = selectorOf(at(workload, "spec", "selector", "matchLabels"));
  const namespace = text(workload, "metadata", "namespace");
  return labels === "" ? [] : [{ apiVersion: "v1", kind: "Pod", namespace, labels, onlyExplains: true }];
}

export function withTroubles(message: string, pods: readonly KubeObject[]): string {
  const [trouble, ...more] = podTroubles(pods);
  if (trouble === undefined) return message;
  return `${message}; ${trouble}${more.length > 0 ? ` (and ${more.length} more)` : ""}`;
}

export const podAwait: Await = {
  timeoutSeconds: 600,
  check(pod) {
    const phase = text(pod, "status", "phase") ?? "Pending";
    if (phase === "Succeeded" || hasCondition(pod, "Ready")) return ready;
    const message = withTroubles(`pod is ${phase}, not ready`, [pod]);
    return phase === "Failed" ? failed(message) : waiting(message);
  },
};
