import { analyzerUser, type Policy, systemLabel } from "./policy.ts";

/** Passes and aborts are the analyzer's word and nobody else's. */
export const statusWriter: Policy = {
  name: "status-writer",
  matches: [
    { groups: ["rampart.dev"], resources: ["rollouts/status", "rolloutplans/status"], on: ["CREATE", "UPDATE"] },
  ],
  where: "everywhere",
  skipsDryRuns: true,
  validations: [
    {
      expression: `request.userInfo.username == '${analyzerUser}'`,
      message: "only the analyzer writes a status",
      messageExpression: "'only the analyzer writes a status, not ' + request.userInfo.username",
    },
  ],
};

/** Every policy finds its parameter by namespace, so there has to be no other place for it. */
export const rolloutNamespace: Policy = {
  name: "rollout-namespace",
  matches: [{ groups: ["rampart.dev"], resources: ["rollouts", "rolloutplans"], on: ["CREATE", "UPDATE"] }],
  where: "everywhere",
  skipsDryRuns: false,
  validations: [
    {
      expression: `namespaceObject.metadata.?labels[?'${systemLabel}'].orValue('') == object.spec.system`,
      message: `it lives in a namespace with the label ${systemLabel} and the name of its system`,
    },
  ],
};

/** A pull request may see what would happen, and make none of it happen. */
export const previewers: Policy = {
  name: "previewers",
  matches: [{ groups: ["*"], resources: ["*/*"], on: ["CREATE", "UPDATE", "DELETE", "CONNECT"] }],
  where: "everywhere",
  skipsDryRuns: true,
  conditions: [
    { name: "is-a-previewer", expression: "'rampart:previewers' in request.userInfo.?groups.orValue([])" },
    { name: "not-a-question", expression: "request.resource.group != 'authorization.k8s.io'" },
  ],
  validations: [{ expression: "false", message: "a preview identity writes nothing; dry runs only" }],
};
