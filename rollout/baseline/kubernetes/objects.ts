import { at, isObject, listAt, textAt } from "../look.ts";
import type { PlainResource } from "../model.ts";

const token = /^kubernetes:([^:]+):(\w+)$/;

/** The kind of a Kubernetes resource; a patch of a kind counts as that kind. */
export function kindOf({ type }: PlainResource): string | undefined {
  return token.exec(type)?.[2]?.replace(/Patch$/, "");
}

/** `apps/v1`, also where Pulumi writes `core/v1` for `v1`. */
export const versionOf = ({ type }: PlainResource): string => token.exec(type)?.[1] ?? "";

export const isKind = (resource: PlainResource, ...kinds: readonly string[]): boolean =>
  kinds.includes(kindOf(resource) ?? "");

export const namespaceOf = ({ props }: PlainResource): string => textAt(props, "metadata.namespace") || "default";
export const objectName = ({ props, name }: PlainResource): string => textAt(props, "metadata.name") || name;

export interface Pod {
  spec: unknown;
  labels: unknown;
}

const templates = ["spec.template", "spec.jobTemplate.spec.template"];

/** The pods that a resource makes, whatever its kind: anything with containers where a workload has them. */
export function podOf({ type, props }: PlainResource): Pod | undefined {
  if (!token.test(type)) return undefined;
  const template = templates.map((path) => at(props, path)).find((one) => Array.isArray(at(one, "spec.containers")));
  if (template !== undefined) return { spec: at(template, "spec"), labels: at(template, "metadata.labels") };
  return isPod(type) && Array.isArray(at(props, "spec.containers"))
    ? { spec: at(props, "spec"), labels: at(props, "metadata.labels") }
    : undefined;
}

const isPod = (type: string): boolean => /:Pod(Patch)?$/.test(type);

/** Runs until somebody stops it, so that probes and replicas make sense. */
export const isServing = (resource: PlainResource): boolean =>
  isKind(resource, "Deployment", "StatefulSet", "DaemonSet");

export interface Container {
  name: string;
  spec: unknown;
  isInit: boolean;
}

export function containersOf(resource: PlainResource): Container[] {
  const pod = podOf(resource);
  const named = (path: string, isInit: boolean): Container[] =>
    listAt(pod?.spec, path)
      .filter(isObject)
      .map((spec) => ({ name: textAt(spec, "name"), spec, isInit }));
  return [...named("initContainers", true), ...named("containers", false), ...named("ephemeralContainers", false)];
}

/** One line for each container in which something is wrong. */
export const eachContainer =
  (isWrong: (container: Container, pod: Pod) => string | false | undefined) =>
  (resource: PlainResource): string[] => {
    const pod = podOf(resource);
    if (!pod) return [];
    return containersOf(resource).flatMap((container) => {
      const said = isWrong(container, pod);
      return said ? [`container ${container.name}: ${said}`] : [];
    });
  };

/** One line about the pods as a whole. */
export const eachPod =
  (isWrong: (spec: unknown, pod: Pod, resource: PlainResource) => string | false | undefined) =>
  (resource: PlainResource): string[] => {
    const pod = podOf(resource);
    const said = pod && isWrong(pod.spec, pod, resource);
    return said ? [said] : [];
  };

/** Of the container if it says so itself, else of the pod. */
export function securityOf({ spec }: Container, pod: Pod, key: string): unknown {
  return at(spec, `securityContext.${key}`) ?? at(pod.spec, `securityContext.${key}`);
}

/** Who runs the pods of a track. */
export function isTrack(resource: PlainResource, track: "stable" | "canary"): boolean {
  const labels = podOf(resource)?.labels;
  return isKind(resource, "Deployment", "StatefulSet") && isObject(labels) && labels["rampart.dev/track"] === track;
}

/** The members of a cluster of PostgreSQL. */
export const isDatabase = (resource: PlainResource): boolean =>
  isKind(resource, "StatefulSet") && containersOf(resource).some(({ name }) => name === "patroni");
