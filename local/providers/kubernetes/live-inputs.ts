import { isDeepStrictEqual } from "node:util";
import { at, isObject, type Json, type Properties } from "../base/properties.ts";
import { groupKind, type KubeObject, text } from "./kube-object.ts";

const serverMetadata = new Set([
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
]);
const serverAnnotations = new Set([
  "deployment.kubernetes.io/revision",
  "kubectl.kubernetes.io/last-applied-configuration",
]);

/** The inputs of an object that Pulumi didn't make: all of it, but for what only the server writes. */
export function importedInputs(live: KubeObject): Properties {
  const { status: _status, ...rest } = live;
  const metadata = omit(rest.metadata, serverMetadata);
  const { annotations: _all, ...others } = metadata;
  const annotations = omit(metadata.annotations, serverAnnotations);
  return { ...rest, metadata: Object.keys(annotations).length > 0 ? { ...others, annotations } : others };
}

/** The fields that the program set, with the values that the cluster holds now: the drift. */
export function driftedInputs(oldInputs: Properties, live: KubeObject): Properties {
  const drifted = prune(oldInputs, live) as Properties;
  if (groupKind(live) !== "Secret" || !isObject(oldInputs.stringData)) return drifted;
  const held = Object.keys(oldInputs.stringData).flatMap((key) => {
    const data = text(live, "data", key); // stringData is never read back
    return data === undefined ? [] : [[key, Buffer.from(data, "base64").toString()]];
  });
  return { ...drifted, stringData: Object.fromEntries(held) };
}

function prune(old: Json, live: Json): Json {
  if (isObject(old) && isObject(live)) {
    return Object.fromEntries(
      Object.entries(old).flatMap(([name, value]) => {
        const held = live[name];
        return held === undefined || held === null ? [] : [[name, prune(value, held)]];
      }),
    );
  }
  if (!Array.isArray(old) || !Array.isArray(live)) return live;
  if (!isNamed(old) || !isNamed(live))
    return live.map((item, index) => (index < old.length ? prune(old[index]!, item) : item));
  // Elements that others added by name (an injected sidecar, a default port) are theirs.
  return old.flatMap((item) => {
    const held = live.find((each) => at(each, "name") === at(item, "name"));
    return held === undefined ? [] : [prune(item, held)];
  });
}

function isNamed(list: Json[]): boolean {
  return list.every((item) => typeof at(item, "name") === "string");
}

function omit(value: Json | undefined, names: ReadonlySet<string>): Properties {
  const entries = Object.entries(isObject(value) ? value : {});
  return Object.fromEntries(entries.filter(([name]) => !names.has(name)));
}

/** Whether two versions of an object hold the same, whatever the server notes about them. */
export function holdTheSame(one: KubeObject, other: KubeObject): boolean {
  return isDeepStrictEqual(importedInputs(one), importedInputs(other));
}
