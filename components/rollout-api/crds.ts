import { type JsonSchema, object } from "./json-schema.ts";
import { planRules } from "./plan-rules.ts";
import { planSpec, planStatus } from "./plan-schema.ts";
import { rolloutRules } from "./rollout-rules.ts";
import { rolloutSpec } from "./rollout-schema.ts";
import { rolloutStatus } from "./rollout-status-schema.ts";
import { type Rule, validation } from "./rule.ts";

export const group = "rampart.dev";
export const version = "v1alpha1";
export const apiVersion = `${group}/${version}`;

export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "date";
  readonly jsonPath: string;
  readonly description?: string;
  /** Above 0: only with `kubectl get -o wide`. */
  readonly priority?: number;
}

interface Kind {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly description: string;
  readonly spec: JsonSchema;
  readonly status: JsonSchema;
  readonly rules: readonly Rule[];
  readonly columns: readonly Column[];
}

const age: Column = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

const rollout: Kind = {
  kind: "Rollout",
  plural: "rollouts",
  shortName: "ro",
  description: "How far one system's artifact may go, and how far it has come. One in each system's namespace.",
  spec: rolloutSpec,
  status: rolloutStatus,
  rules: rolloutRules,
  columns: [
    { name: "Artifact", type: "string", jsonPath: ".status.artifact" },
    { name: "Percent", type: "integer", jsonPath: ".spec.percent" },
    { name: "Effective", type: "number", jsonPath: ".status.effectivePercent" },
    { name: "Phase", type: "string", jsonPath: ".spec.phase" },
    { name: "Verdict", type: "string", jsonPath: ".status.verdict.outcome" },
    age,
    { name: "Reason", type: "string", jsonPath: ".status.verdict.reason", priority: 1 },
    { name: "Full artifact", type: "string", jsonPath: ".spec.artifact", priority: 1 },
  ],
};

const plan: Kind = {
  kind: "RolloutPlan",
  plural: "rolloutplans",
  shortName: "rop",
  description:
    "The ladders that one system's Rollout may climb, and its last settled state. One in each system's namespace.",
  spec: planSpec,
  status: planStatus,
  rules: planRules,
  columns: [
    { name: "System", type: "string", jsonPath: ".spec.system" },
    { name: "Settled", type: "string", jsonPath: ".status.settled.artifact" },
    { name: "Attempt", type: "integer", jsonPath: ".status.settled.attempt" },
    age,
  ],
};

function customResourceDefinition({ kind, plural, shortName, description, spec, status, rules, columns }: Kind) {
  const schema = object(description, { spec, status }, ["spec"]);
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase(), shortNames: [shortName] },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: { ...schema, "x-kubernetes-validations": rules.map(validation) } },
        },
      ],
    },
  };
}

/** As the API server gets them. */
export const rolloutCrd = customResourceDefinition(rollout);
export const planCrd = customResourceDefinition(plan);
