import type { Policy } from "./policy.ts";

const keeps = (field: string) => `object.spec.${field} == oldObject.spec.${field}`;
/** Checked where it changes, so that no way down is ever in the way of this. */
const isKept = (field: string) =>
  `((oldObject != null && ${keeps(field)}) || (object.spec.${field}.matches('^[^@]+@sha256:[0-9a-f]{64}$') && !object.spec.${field}.matches(':[^/@:]+@')))`;
const version = "params.spec.versions[object.spec.planDigest]";
const wasSettled = "oldObject.spec.stable == oldObject.spec.artifact";

/** What a Rollout can't know of itself: the listed versions of its plan, and the last settled state. */
export const planRecord: Policy = {
  name: "plan-record",
  matches: [{ groups: ["rampart.dev"], resources: ["rollouts"], on: ["CREATE", "UPDATE"] }],
  where: "everywhere",
  params: { kind: "RolloutPlan", whenMissing: "Deny" },
  skipsDryRuns: false,
  variables: [
    { name: "hasRecord", expression: "has(params.status) && has(params.status.settled)" },
    {
      name: "picksVersion",
      expression: `oldObject == null || !(${keeps("planDigest")} && ${keeps("phases")} && ${keeps("ladder")} && object.spec.?drain == oldObject.spec.?drain)`,
    },
    { name: "isListed", expression: "object.spec.planDigest in params.spec.versions" },
    {
      name: "settleFinished",
      expression: `oldObject == null || !variables.hasRecord || params.status.settled.artifact == oldObject.spec.stable`,
    },
  ],
  validations: [
    {
      expression: "!variables.picksVersion || variables.isListed",
      message: "the platform doesn't list this version of the plan",
      messageExpression:
        "'the platform lists no version ' + object.spec.planDigest + ' of the plan of ' + object.spec.system",
    },
    {
      expression: `!variables.picksVersion || !variables.isListed || (${version}.phases == object.spec.phases && ${version}.ladder == object.spec.ladder && ${version}.?drain == object.spec.?drain)`,
      message: "phases, ladder and drain have to be those of the listed version of the plan",
    },
    {
      expression: "oldObject != null || !variables.hasRecord || params.status.settled.artifact == object.spec.stable",
      message: "stable has to be the last settled artifact on record",
      messageExpression:
        "'the last settled artifact on record is ' + params.status.settled.artifact + '; name it as stable'",
    },
    {
      expression:
        "oldObject != null || object.spec.attempt == (variables.hasRecord ? params.status.settled.attempt + 1 : 1)",
      message: "a new Rollout counts on from the attempt on record; leave the counting to the program",
    },
    {
      expression: `oldObject == null || !(${wasSettled}) || object.spec.attempt == oldObject.spec.attempt || variables.settleFinished`,
      message: "stable doesn't run everywhere yet; wait until the settle is done",
    },
    {
      expression: `oldObject == null || !(${wasSettled}) || ${keeps("stable")} || !variables.settleFinished`,
      message: "the settle is done; roll the previous version out as a rollout of its own, with the expedited ladder",
    },
    {
      expression: `oldObject == null || !(${wasSettled}) || ${keeps("stable")} || (variables.hasRecord && params.status.settled.artifact == object.spec.stable)`,
      message: "stable goes back to what it was before the settle and to nothing else",
    },
    {
      expression: `params.spec.artifactKind != 'image' || (${isKept("stable")} && ${isKept("artifact")})`,
      message: "stable and artifact are images by digest: what a tag means can change behind everyone's back",
    },
  ],
};
