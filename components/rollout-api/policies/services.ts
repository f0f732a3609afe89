import { type Policy, systemLabel, trackLabel } from "./policy.ts";

/** What stands behind a system's names: each of its two Services selects its own track. */
export const trackServices: Policy = {
  name: "track-services",
  matches: [{ groups: [""], resources: ["services"], on: ["CREATE", "UPDATE"] }],
  where: "systems",
  skipsDryRuns: false,
  variables: [
    { name: "system", expression: `namespaceObject.metadata.labels['${systemLabel}']` },
    {
      name: "track",
      expression:
        "object.metadata.name == variables.system + '-stable' ? 'stable' : object.metadata.name == variables.system + '-canary' ? 'canary' : ''",
    },
  ],
  validations: [
    {
      expression: `variables.track == '' || ((!has(object.spec.type) || object.spec.type != 'ExternalName') && has(object.spec.selector) && object.spec.selector == {'app.kubernetes.io/name': variables.system, '${trackLabel}': variables.track})`,
      message: "a track's Service selects that track of the system and nothing else",
      messageExpression:
        "'the ' + variables.track + ' Service of ' + variables.system + ' selects its track and nothing else'",
    },
  ],
};
