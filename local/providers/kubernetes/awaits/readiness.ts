import type { Properties } from "../../base/properties.ts";
import { count, items, type KubeObject, text } from "../kube-object.ts";

/** What an object's state means for the update that waits for it. */
export interface Readiness {
  state: "ready" | "waiting" | "failed";
  message: string;
}

/** Other objects that a decision or its explanation needs. */
export interface Related {
  apiVersion: string;
  kind: string;
  namespace?: string;
  labels?: string;
  /** Only for messages: the wait goes on without them, for identities that may not read them. */
  onlyExplains?: boolean;
}

/** How long one kind is waited for, and for what. The decision is a pure function of the objects. */
export interface Await {
  timeoutSeconds: number;
  related?(object: KubeObject): Related[];
  check(object: KubeObject, related: readonly KubeObject[]): Readiness;
}

export const ready: Readiness = { state: "ready", message: "ready" };

export function waiting(message: string): Readiness {
  return { state: "waiting", message };
}

export function failed(message: string): Readiness {
  return { state: "failed", message };
}

/** Whether the controller has seen the last change of the spec. */
export function isObserved(object: KubeObject): boolean {
  return count(object, "status", "observedGeneration") >= count(object, "metadata", "generation");
}

export function condition(object: KubeObject, type: string): Properties | undefined {
  return items(object, "status", "conditions").find((each) => each.type === type);
}

export function hasCondition(object: KubeObject, type: string, status = "True"): boolean {
  return condition(object, type)?.status === status;
}

export function explainCondition(found: Properties | undefined): string {
  return [text(found, "reason"), text(found, "message")].filter(Boolean).join(": ");
}
