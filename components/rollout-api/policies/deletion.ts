import { type Policy, systemLabel } from "./policy.ts";

const onDelete = (groups: string[], resources: string[]) => ({ groups, resources, on: ["DELETE"] as const });
const annotation = "rampart.dev/decommission";
const isReleased = `'${annotation}' in oldObject.metadata.?annotations.orValue({})`;

/** What carries a system's users. Without a Rollout there is nothing left to protect, and a removal has to get through. */
export const keepTraffic: Policy = {
  name: "keep-traffic",
  matches: [
    onDelete(["gateway.networking.k8s.io"], ["httproutes"]),
    onDelete(["apps"], ["deployments"]),
    onDelete([""], ["services"]),
  ],
  where: "systems",
  params: { kind: "Rollout", whenMissing: "Allow" },
  skipsDryRuns: true,
  validations: [
    {
      expression:
        "params.spec.decommission || !(oldObject.metadata.name in [string(params.spec.system), params.spec.system + '-stable', params.spec.system + '-canary'])",
      message: "it carries a system's users; set decommission first, in a change of its own",
      messageExpression:
        "'it carries the users of ' + params.spec.system + '; set decommission first, in a change of its own'",
    },
  ],
};

/** The Rollout takes its guards with it, and delete + create would forget an abort. */
export const keepRollout: Policy = {
  name: "keep-rollout",
  matches: [onDelete(["rampart.dev"], ["rollouts"])],
  where: "everywhere",
  skipsDryRuns: true,
  validations: [
    {
      expression: "oldObject.spec.decommission == true",
      message: "it isn't marked for removal; set decommission first, in a change of its own",
    },
    {
      expression:
        "oldObject.?status.?observedStep.orValue(0) == oldObject.spec.step && oldObject.?status.?onTarget.orValue(false)",
      message: "the analyzer hasn't seen the last step on target yet; wait until it has",
    },
  ],
};

/** The plan holds the record of the last settled state. */
export const keepPlan: Policy = {
  name: "keep-plan",
  matches: [onDelete(["rampart.dev"], ["rolloutplans"])],
  where: "everywhere",
  skipsDryRuns: true,
  validations: [
    {
      expression: isReleased,
      message: `it holds the record of the last settled state; annotate it with ${annotation} first`,
    },
  ],
};

/** The label is what binds the policies to a namespace. */
export const keepNamespaceLabel: Policy = {
  name: "keep-namespace-label",
  matches: [{ groups: [""], resources: ["namespaces"], on: ["UPDATE"] }],
  where: "everywhere",
  skipsDryRuns: false,
  conditions: [{ name: "has-a-system", expression: `'${systemLabel}' in oldObject.metadata.?labels.orValue({})` }],
  validations: [
    {
      expression: `object.metadata.?labels[?'${systemLabel}'].orValue('') == oldObject.metadata.labels['${systemLabel}']`,
      message: `a system's namespace keeps its label ${systemLabel}`,
    },
  ],
};

/** Bound once for each system, because a namespace is in no namespace. */
export const keepNamespace: Policy = {
  name: "keep-namespace",
  matches: [onDelete([""], ["namespaces"])],
  where: "everywhere",
  params: { kind: "Rollout", whenMissing: "Allow" },
  skipsDryRuns: true,
  validations: [
    {
      expression: "oldObject.metadata.name != params.metadata.namespace || params.spec.decommission",
      message: "a system lives here; set decommission first",
      messageExpression: "params.spec.system + ' lives here; set decommission first'",
    },
  ],
};

const rulesOf = (crd: string) =>
  `${crd}.spec.versions.map(v, dyn(v.schema.openAPIV3Schema)['x-kubernetes-validations'].size()).sum()`;

/** Without its kind there is no Rollout, and without its rules it holds nothing. */
export const keepKinds: Policy = {
  name: "keep-kinds",
  matches: [{ groups: ["apiextensions.k8s.io"], resources: ["customresourcedefinitions"], on: ["UPDATE", "DELETE"] }],
  where: "everywhere",
  skipsDryRuns: true,
  conditions: [{ name: "ours", expression: "oldObject.spec.group == 'rampart.dev'" }],
  validations: [
    {
      expression: `request.operation != 'DELETE' || ${isReleased}`,
      message: `deleting this kind deletes every Rollout and every guard with it; annotate it with ${annotation} first`,
    },
    {
      expression: `request.operation != 'UPDATE' || ${isReleased} || (object.spec.versions.all(v, 'x-kubernetes-validations' in dyn(v.schema.openAPIV3Schema)) && ${rulesOf("object")} >= ${rulesOf("oldObject")})`,
      message: `this kind would lose rules; annotate it with ${annotation} first`,
    },
  ],
};
