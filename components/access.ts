import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface AccessArgs {
  /** The group whose members move the systems, every day. */
  readonly systemsGroup: string;
  /** The group whose members may look at everything but secrets. */
  readonly viewersGroup: string;
  /** The group of pull requests: may ask what would happen; a policy refuses it everything else. */
  readonly previewersGroup: string;
  /** The group for emergencies, with tokens that live for minutes: takes traffic away, never gives any. */
  readonly breakGlassGroup: string;
  /** The namespaces of the systems: the systems group writes nowhere else. */
  readonly namespaces: Readonly<Record<string, pulumi.Input<string>>>;
  /** Those of them that a database lives in: it comes with volumes, secrets, jobs and accounts of its own. */
  readonly databases: readonly string[];
}

const read = ["get", "list", "watch"];
const write = [...read, "create", "update", "patch", "delete"];

/** What the systems layer deploys, and what its awaits look at. No namespaces, no RBAC, no policies. */
const systemsRules = [
  { apiGroups: ["apps"], resources: ["deployments", "statefulsets"], verbs: write },
  { apiGroups: [""], resources: ["services", "configmaps", "serviceaccounts"], verbs: write },
  { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: write },
  { apiGroups: ["autoscaling"], resources: ["horizontalpodautoscalers"], verbs: write },
  { apiGroups: ["gateway.networking.k8s.io"], resources: ["httproutes"], verbs: write },
  { apiGroups: ["rampart.dev"], resources: ["rollouts"], verbs: write },
  { apiGroups: ["apps"], resources: ["replicasets"], verbs: read },
  { apiGroups: [""], resources: ["pods", "events", "endpoints"], verbs: read },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: read },
];

/** Beside that what a database consists of. Nobody can give away more than he has, so that what its pods may is here too. */
const databaseRules = [
  { apiGroups: [""], resources: ["secrets", "persistentvolumeclaims"], verbs: write },
  { apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: write },
  { apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles", "rolebindings"], verbs: write },
  { apiGroups: [""], resources: ["pods"], verbs: ["patch"] },
];

/** What is on the way down: the abort of an attempt, the weights of a route. */
const breakGlassRules = [
  { apiGroups: ["rampart.dev"], resources: ["rollouts"], verbs: ["patch"] },
  { apiGroups: ["gateway.networking.k8s.io"], resources: ["httproutes"], verbs: ["patch"] },
  { apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["delete"] },
];

/** Who may do what: the systems identity can't touch what guards it. */
export class Access extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:Access";

  constructor(name: string, args: AccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Access.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const group = (subject: string) => [{ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: subject }];
    const role = (of: string) => ({ kind: "ClusterRole", apiGroup: "rbac.authorization.k8s.io", name: of });
    const clusterRole = (subject: string, rules: k8s.types.input.rbac.v1.PolicyRule[]): k8s.rbac.v1.ClusterRole =>
      new k8s.rbac.v1.ClusterRole(`${name}-${subject}`, { metadata: { name: `rampart-${subject}` }, rules }, parent);

    const inEachNamespace = (
      subject: string,
      rules: k8s.types.input.rbac.v1.PolicyRule[],
      groups: readonly string[],
      systems: readonly string[] = Object.keys(args.namespaces),
    ): void => {
      const declared = clusterRole(subject, rules);
      for (const system of systems) {
        const namespace = args.namespaces[system]!;
        new k8s.rbac.v1.RoleBinding(
          `${name}-${subject}-${system}`,
          {
            metadata: { name: `rampart-${subject}`, namespace },
            roleRef: role(`rampart-${subject}`),
            subjects: groups.flatMap(group),
          },
          { ...parent, dependsOn: declared },
        );
      }
    };
    inEachNamespace("systems", systemsRules, [args.systemsGroup, args.previewersGroup]);
    // Not for previewers: whoever may ask what a Secret would be is told what it is.
    if (args.databases.length > 0) inEachNamespace("database", databaseRules, [args.systemsGroup], args.databases);
    inEachNamespace("break-glass", breakGlassRules, [args.breakGlassGroup]);
    // What the program reads once at its start, and what it asks for by name before it deploys into it.
    const look = clusterRole("look", [
      { apiGroups: [""], resources: ["namespaces", "nodes"], verbs: read },
      { apiGroups: ["rampart.dev"], resources: ["rollouts", "rolloutplans"], verbs: read },
      {
        apiGroups: ["gateway.networking.k8s.io"],
        resources: ["gateways", "gatewayclasses", "httproutes"],
        verbs: read,
      },
    ]);
    new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-look`,
      {
        metadata: { name: "rampart-look" },
        roleRef: role("rampart-look"),
        subjects: [args.systemsGroup, args.viewersGroup, args.previewersGroup, args.breakGlassGroup].flatMap(group),
      },
      { ...parent, dependsOn: look },
    );
    new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-view`,
      { metadata: { name: "rampart-view" }, roleRef: role("view"), subjects: group(args.viewersGroup) },
      parent,
    );
    this.registerOutputs();
  }
}
