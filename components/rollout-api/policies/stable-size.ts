import { type Policy, systemLabel } from "./policy.ts";

/** Scaled away, stable would leave its users to nobody, and the canary with all that is answered. */
export const stableSize: Policy = {
  name: "stable-size",
  matches: [{ groups: ["apps"], resources: ["deployments/scale"], on: ["UPDATE"] }],
  where: "systems",
  params: { kind: "Rollout", whenMissing: "Deny" },
  skipsDryRuns: false,
  validations: [
    {
      expression: `object.metadata.name != namespaceObject.metadata.labels['${systemLabel}'] + '-stable' || object.spec.?replicas.orValue(0) > 0 || params.spec.decommission`,
      message: "stable is never without pods",
    },
  ],
};
