import { at, listAt, textAt, textsAt, when } from "../look.ts";
import type { PlainResource, ResourceCheck, Topic } from "../model.ts";
import { eachPod, isKind } from "./objects.ts";

const readVerbs = ["get", "list", "watch", "*"];
const writeVerbs = ["create", "update", "patch", "*"];

/** One line for each rule of a role that gives too much. */
const eachRule =
  (isWrong: (verbs: readonly string[], resources: readonly string[], rule: unknown) => string | false) =>
  (resource: PlainResource): string[] =>
    isKind(resource, "Role", "ClusterRole")
      ? listAt(resource.props, "rules").flatMap((rule, index) => {
          const said = isWrong(textsAt(rule, "verbs"), textsAt(rule, "resources"), rule);
          return said ? [`rule ${index + 1}: ${said}`] : [];
        })
      : [];

const blindSpots = [
  "kubernetes:helm.sh/v3:Release",
  "command:local:Command",
  "command:local:run",
  "command:remote:Command",
  "command:remote:CopyFile",
];

const some = (list: readonly string[], of: readonly string[]): boolean => list.some((one) => of.includes(one));

/** Who may do what in the cluster. */
export const access: Topic<ResourceCheck> = {
  name: "kubernetes-access",
  description: "Nobody may do more than their task asks for",
  checks: [
    {
      id: "KB-20",
      title: "no token of the API server in a pod that doesn't need it",
      why: "an intruder finds it at once",
      requirement: "CIS 5.1.6",
      find: eachPod(
        (spec) =>
          at(spec, "automountServiceAccountToken") !== false &&
          at(spec, "serviceAccountName") === undefined &&
          "automountServiceAccountToken has to be false, or a serviceAccountName has to say which rights it needs",
      ),
    },
    {
      id: "KB-21",
      title: "no pod acts as the default ServiceAccount",
      why: "what one pod is given, all of the namespace have",
      requirement: "CIS 5.1.5",
      find: eachPod(
        (spec) =>
          (at(spec, "serviceAccountName") === "default" ||
            (at(spec, "serviceAccountName") === undefined && at(spec, "automountServiceAccountToken") === true)) &&
          "it uses the token of the default ServiceAccount; name one of its own",
      ),
    },
    {
      id: "KB-63",
      title: "nothing that policies can't look into",
      why: "a Helm release or a shell command may do anything",
      requirement: "Pulumi policies see one resource, not what it runs",
      find: ({ type }) =>
        when(blindSpots.includes(type), `${type} hides what it does; declare its resources one by one`),
    },
    {
      id: "KB-44",
      title: "nobody is bound to cluster-admin",
      why: "no guard holds against it",
      requirement: "CIS 5.1.1",
      find: (resource) =>
        when(
          isKind(resource, "RoleBinding", "ClusterRoleBinding") &&
            textAt(resource.props, "roleRef.name") === "cluster-admin",
          "binds cluster-admin; write a role with what is needed",
        ),
    },
    {
      id: "KB-45",
      title: "no wildcard in a role",
      why: "it also gives what will be there tomorrow",
      requirement: "CIS 5.1.3",
      find: eachRule((verbs, resources, rule) => {
        const wild = [verbs, resources, textsAt(rule, "apiGroups")].some((list) => list.includes("*"));
        return wild && "has a wildcard; name what is needed";
      }),
    },
    {
      id: "KB-46",
      title: "nobody reads all secrets",
      why: "a list of secrets is a list of identities",
      requirement: "CIS 5.1.2",
      find: eachRule(
        (verbs, resources, rule) =>
          some(resources, ["secrets", "*"]) &&
          some(verbs, readVerbs) &&
          textsAt(rule, "resourceNames").length === 0 &&
          "reads secrets without resourceNames",
      ),
    },
    {
      id: "KB-47",
      title: "nobody goes into pods or makes them by hand",
      why: "whoever makes a pod has every secret of its namespace",
      requirement: "CIS 5.1.4",
      find: eachRule((verbs, resources) => {
        const intoPods = some(resources, ["pods/exec", "pods/attach", "pods/ephemeralcontainers"]);
        const makesPods = resources.includes("pods") && some(verbs, ["create", "*"]);
        return (intoPods || makesPods) && "makes pods, or goes into running ones";
      }),
    },
    {
      id: "KB-48",
      title: "nobody gives themselves more rights",
      why: "escalate, bind and impersonate are all rights at once",
      requirement: "CIS 5.1.8",
      find: eachRule((verbs, resources) => {
        const found = verbs.filter((verb) => ["escalate", "bind", "impersonate"].includes(verb));
        const grantsRoles =
          some(resources, ["clusterrolebindings", "rolebindings"]) && some(verbs, writeVerbs) && "writes bindings";
        return found.length > 0 ? `has the verb ${found.join(", ")}` : grantsRoles;
      }),
    },
  ],
};
