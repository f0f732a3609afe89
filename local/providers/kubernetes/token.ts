/** What a Pulumi type token says about the Kubernetes kind. */
export interface KindToken {
  apiVersion: string;
  kind: string;
  /** Only some fields of an object that somebody else made. */
  isPatch: boolean;
}

/** Resources of the SDK that are no Kubernetes kinds; each needs a renderer that isn't here. */
const otherResources = ["helm.sh/", "kustomize/", "yaml/", "helm:", "kustomize:", "yaml:"];

/** Reads `kubernetes:apps/v1:DeploymentPatch`; what isn't a plain kind or a patch of one is refused. */
export function parseToken(type: string): KindToken {
  const [, groupVersion = "", name = ""] = type.split(":");
  const notOffered = `${type} is not offered by the embedded provider; install the official Pulumi CLI and plugin`;
  if (name === "" || otherResources.some((prefix) => type.startsWith(`kubernetes:${prefix}`))) {
    throw new Error(notOffered);
  }
  if (groupVersion !== "" && name.endsWith("List") && name !== "List") {
    throw new Error(`${notOffered}, or declare the list's items one by one`);
  }
  const isPatch = name.endsWith("Patch") && name !== "Patch";
  return {
    apiVersion: groupVersion.startsWith("core/") ? groupVersion.slice("core/".length) : groupVersion,
    kind: isPatch ? name.slice(0, -"Patch".length) : name,
    isPatch,
  };
}
