import type { Json, Properties } from "../base/properties.ts";
import type { Failure } from "../base/provider.ts";

export interface ProviderConfig {
  /** A file's path or its contents; undefined means KUBECONFIG, ~/.kube/config or the pod's own account. */
  kubeconfig?: string;
  context?: string;
  cluster?: string;
  namespace?: string;
  enableConfigMapMutable: boolean;
  enableSecretMutable: boolean;
  enablePatchForce: boolean;
  upsertExistingObjects: boolean;
  suppressDeprecationWarnings: boolean;
}

const strings = ["kubeconfig", "context", "cluster", "namespace"] as const;
const switches = {
  enableConfigMapMutable: "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE",
  enableSecretMutable: "PULUMI_K8S_ENABLE_SECRET_MUTABLE",
  enablePatchForce: "PULUMI_K8S_ENABLE_PATCH_FORCE",
  upsertExistingObjects: "PULUMI_K8S_UPSERT_EXISTING_OBJECTS",
  suppressDeprecationWarnings: "PULUMI_K8S_SUPPRESS_DEPRECATION_WARNINGS",
} as const;
/** Say nothing about what this provider does; enableServerSideApply only may not be false. */
const harmless = [
  "version",
  "pluginDownloadURL",
  "clusterIdentifier",
  "suppressHelmHookWarnings",
  "enableServerSideApply",
];
const allowed = [...strings, ...Object.keys(switches), ...harmless];

/** Every key that would be ignored is refused instead. */
export function checkConfig(config: Properties): Failure[] {
  const failures = Object.keys(config)
    .filter((key) => !allowed.includes(key) && !key.startsWith("__") && config[key] !== null)
    .map((property) => ({
      property,
      reason: `"${property}" is not offered by the embedded provider; allowed are ${allowed.join(", ")}`,
    }));
  if (asSwitch(config.enableServerSideApply) === false) {
    const reason = "the embedded provider always applies on the server side; remove enableServerSideApply: false";
    failures.push({ property: "enableServerSideApply", reason });
  }
  return failures;
}

export function parseConfig(config: Properties, env: NodeJS.ProcessEnv): ProviderConfig {
  const given = strings.flatMap((key) =>
    typeof config[key] === "string" && config[key] !== "" ? [[key, config[key]]] : [],
  );
  const switched = Object.entries(switches).map(([key, variable]) => [
    key,
    asSwitch(config[key]) ?? asSwitch(env[variable]) ?? false,
  ]);
  return Object.fromEntries([...given, ...switched]) as ProviderConfig;
}

/** The engine gives a provider's booleans as text. */
function asSwitch(value: Json | undefined): boolean | undefined {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  return undefined;
}
