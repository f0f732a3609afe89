import { at, isObject, type Json, type Path, type Properties } from "../base/properties.ts";

/** Anything the API server keeps, as plain JSON: no field may get lost on the way. */
export type KubeObject = Properties;

export function text(object: Json | undefined, ...path: Path): string | undefined {
  const value = at(object, ...path);
  return typeof value === "string" ? value : undefined;
}

export function count(object: Json | undefined, ...path: Path): number {
  const value = at(object, ...path);
  return typeof value === "number" ? value : 0;
}

export function items(object: Json | undefined, ...path: Path): Properties[] {
  const value = at(object, ...path);
  return Array.isArray(value) ? value.filter(isObject) : [];
}

export function annotation(object: KubeObject, name: string): string | undefined {
  return text(object, "metadata", "annotations", name);
}

export function isTrue(value: string | undefined): boolean {
  return value?.toLowerCase() === "true";
}

/** The group of an apiVersion; empty for the core group. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** `apps/Deployment`, or `Pod` in the core group: a kind whatever its version. */
export function groupKind(object: KubeObject): string {
  const group = groupOf(text(object, "apiVersion") ?? "");
  const kind = text(object, "kind") ?? "";
  return group === "" ? kind : `${group}/${kind}`;
}

/** `namespace/name`, or `name` for a cluster-scoped object: Pulumi's id of it. */
export function idOf(object: KubeObject): string {
  const namespace = text(object, "metadata", "namespace");
  const name = text(object, "metadata", "name") ?? "";
  return namespace ? `${namespace}/${name}` : name;
}

export function parseId(id: string): { namespace?: string; name: string } {
  const [first = "", second] = id.split("/");
  return second === undefined ? { name: first } : { namespace: first, name: second };
}

/** How messages call an object. */
export function titleOf(object: KubeObject): string {
  return `${text(object, "kind") ?? "object"} ${idOf(object)}`;
}

/** `a=b,c=d` for a plain label map. */
export function selectorOf(labels: Json | undefined): string {
  return isObject(labels)
    ? Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(",")
    : "";
}

/** Without nulls, which mean "not given" in a program and something else to the API server. */
export function withoutNulls<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutNulls) as T;
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([name, item]) => [name, withoutNulls(item)])) as T;
}
