import { type Policy, systemLabel, trackLabel } from "./policy.ts";

const controller = (name: string) => `system:serviceaccount:kube-system:${name}-controller`;
/** They copy templates that this policy has already seen; a pod that dies during a settle has to come back as it was. */
const copiers = ["deployment", "replicaset", "statefulset", "daemon-set", "job", "replication"].map(controller);
const trackOf = (template: string) => `${template}.metadata.?labels[?'${trackLabel}'].orValue('')`;
const templateOf = (one: string) => `(request.resource.resource == 'pods' ? ${one} : ${one}.spec.template)`;

/** What the pods of a track run: what the Rollout says, from whomever they come. */
export const trackImages: Policy = {
  name: "track-images",
  matches: [
    { groups: [""], resources: ["pods", "replicationcontrollers"], on: ["CREATE", "UPDATE"] },
    {
      groups: ["apps"],
      resources: ["deployments", "replicasets", "statefulsets", "daemonsets"],
      on: ["CREATE", "UPDATE"],
    },
    { groups: ["batch"], resources: ["jobs"], on: ["CREATE", "UPDATE"] },
  ],
  where: "systems",
  params: { kind: "Rollout", whenMissing: "Deny" },
  skipsDryRuns: true,
  conditions: [
    {
      name: "not-a-copy",
      expression: `!(request.resource.resource in ['pods', 'replicasets'] && request.userInfo.username in [${copiers.map((user) => `'${user}'`).join(", ")}])`,
    },
  ],
  variables: [
    { name: "template", expression: templateOf("object") },
    { name: "track", expression: trackOf("variables.template") },
    { name: "isTrack", expression: "variables.track in ['stable', 'canary']" },
    { name: "system", expression: `namespaceObject.metadata.labels['${systemLabel}']` },
    { name: "isNew", expression: `oldObject == null || ${trackOf(templateOf("oldObject"))} != variables.track` },
    {
      name: "isSamePods",
      expression:
        "oldObject != null && request.resource.resource != 'pods' && object.spec.template == oldObject.spec.template",
    },
    { name: "revision", expression: "variables.template.metadata.?labels[?'rampart.dev/revision'].orValue('')" },
    { name: "settled", expression: "params.spec.stable == params.spec.artifact" },
    { name: "wanted", expression: "variables.track == 'stable' ? params.spec.stable : params.spec.artifact" },
    {
      name: "canaryHasUsers",
      expression:
        "(has(params.spec.exposure) && params.spec.exposure.exists(s, params.spec.exposure[s] > 0)) || params.?status.?effective.orValue({}).exists(s, params.status.effective[s] > 0.0)",
    },
  ],
  validations: [
    {
      expression: "!variables.isTrack || variables.template.spec.containers.exists_one(c, c.name == 'app')",
      message: "the pods of a track have a container called app",
    },
    {
      expression: `!variables.isTrack || variables.template.spec.containers.all(c, c.name != 'app' || c.image == variables.wanted || (!variables.isNew && ${templateOf("oldObject")}.spec.containers.exists(o, o.name == c.name && o.image == c.image)))`,
      message: "a track runs what its Rollout says",
      messageExpression: "'the ' + variables.track + ' track of ' + params.spec.system + ' runs ' + variables.wanted",
    },
    {
      expression:
        "variables.track != 'canary' || request.resource.resource == 'pods' || variables.isNew || !variables.canaryHasUsers || object.spec.template == oldObject.spec.template",
      message: "the canary's pods change only while they have no users",
    },
    {
      expression: `oldObject == null || request.resource.resource == 'pods' || !(${trackOf(templateOf("oldObject"))} in ['stable', 'canary']) || !variables.isNew`,
      message: "a workload stays on its track",
    },
    {
      expression:
        "!variables.isTrack || variables.isSamePods || (request.resource.resource == 'pods' && !variables.isNew) || (request.resource.resource == 'deployments' && object.metadata.name == variables.system + '-' + variables.track)",
      message: "a track's pods come from its Deployment and from nowhere else",
    },
    {
      expression:
        "request.resource.resource == 'pods' || variables.isSamePods || variables.track == '' || (variables.track == 'stable' && !variables.settled) || variables.revision == params.spec.revision",
      message: "new pods of a track carry the revision that its Rollout names",
      messageExpression: "'new pods of the ' + variables.track + ' track carry revision ' + params.spec.revision",
    },
    {
      expression: `variables.track != 'stable' || request.resource.resource == 'pods' || variables.isNew || variables.isSamePods || !variables.template.spec.containers.all(c, c.name != 'app' || ${templateOf("oldObject")}.spec.containers.exists(o, o.name == 'app' && o.image == c.image))`,
      message: "what stable's pods are changes with their artifact and with nothing else",
    },
    {
      expression:
        "variables.track != 'stable' || request.resource.resource != 'deployments' || object.spec.?replicas.orValue(1) > 0",
      message: "stable is never without pods",
    },
  ],
};
