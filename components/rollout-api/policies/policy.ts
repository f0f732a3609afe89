import { apiVersion } from "../crds.ts";
import { planName, rolloutName } from "../rollout-object.ts";

type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

export interface Validation {
  readonly expression: string;
  readonly message: string;
  /** CEL; says more than the message. */
  readonly messageExpression?: string;
}

/** One family of rules about other objects than the Rollout itself. They bind every writer, cluster admins included. */
export interface Policy {
  readonly name: string;
  readonly matches: readonly {
    readonly groups: readonly string[];
    readonly resources: readonly string[];
    readonly on: readonly Operation[];
  }[];
  /** In all namespaces, or only in those of systems. */
  readonly where: "everywhere" | "systems";
  /** What the rules read as `params`, from the object's own namespace, and whether they refuse or rest without it. */
  readonly params?: { readonly kind: "Rollout" | "RolloutPlan"; readonly whenMissing: "Deny" | "Allow" };
  /** In a preview the live Rollout still holds the old phase. */
  readonly skipsDryRuns: boolean;
  readonly conditions?: readonly { readonly name: string; readonly expression: string }[];
  readonly variables?: readonly { readonly name: string; readonly expression: string }[];
  readonly validations: readonly Validation[];
}

export const systemLabel = "rampart.dev/system";
export const trackLabel = "rampart.dev/track";
export const analyzerUser = "system:serviceaccount:rampart-system:analyzer";

const apiGroup = "admissionregistration.k8s.io/v1";
const fullName = (policy: Pick<Policy, "name">): string => `rampart-${policy.name}`;
const filled = <T>(key: string, list: readonly T[]): Record<string, readonly T[]> =>
  list.length > 0 ? { [key]: list } : {};

/** As the API server gets it; nothing empty, which it would drop. */
export function policyManifest(policy: Policy) {
  const { matches, params, skipsDryRuns, conditions = [], variables = [], validations } = policy;
  const awake = skipsDryRuns ? [{ name: "not-a-dry-run", expression: "request.dryRun != true" }] : [];
  return {
    apiVersion: apiGroup,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name: fullName(policy) },
    spec: {
      failurePolicy: "Fail",
      ...(params ? { paramKind: { apiVersion, kind: params.kind } } : {}),
      matchConstraints: {
        resourceRules: matches.map(({ groups, resources, on }) => ({
          apiGroups: [...groups],
          apiVersions: ["*"],
          operations: [...on],
          resources: [...resources],
        })),
      },
      ...filled("matchConditions", [...awake, ...conditions]),
      ...filled("variables", variables),
      validations: validations.map((one) => ({ ...one })),
    },
  };
}

export interface BindingPlace {
  /** Of the parameter, where the guarded object itself is in no namespace. */
  readonly paramNamespace: string;
}

export function bindingManifest(policy: Policy, place?: BindingPlace) {
  const { params, where } = policy;
  const name = params?.kind === "RolloutPlan" ? planName : rolloutName;
  return {
    apiVersion: apiGroup,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name: place ? `${fullName(policy)}-${place.paramNamespace}` : fullName(policy) },
    spec: {
      policyName: fullName(policy),
      validationActions: ["Deny"],
      ...(params
        ? {
            paramRef: {
              name,
              parameterNotFoundAction: params.whenMissing,
              ...(place ? { namespace: place.paramNamespace } : {}),
            },
          }
        : {}),
      ...(where === "systems"
        ? { matchResources: { namespaceSelector: { matchExpressions: [{ key: systemLabel, operator: "Exists" }] } } }
        : {}),
    },
  };
}
