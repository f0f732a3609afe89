import { type Attempt, backends, policy, route, rules, system } from "./attempt.ts";

export const onGuards: readonly Attempt[] = [
  {
    what: "the namespace deleted",
    path: `/api/v1/namespaces/${system}`,
    by: "delete",
    refusal: policy("keep-namespace"),
  },
  {
    what: "the namespace's label taken away",
    path: `/api/v1/namespaces/${system}`,
    by: "merge",
    body: { metadata: { labels: { "rampart.dev/system": null } } },
    refusal: policy("keep-namespace-label"),
  },
  {
    what: "the kind deleted",
    path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.rampart.dev",
    by: "delete",
    refusal: policy("keep-kinds"),
  },
  {
    what: "the kind without rules",
    path: "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/rollouts.rampart.dev",
    by: "json",
    body: [{ op: "remove", path: "/spec/versions/0/schema/openAPIV3Schema/x-kubernetes-validations" }],
    refusal: policy("keep-kinds"),
  },
  {
    what: "a policy deleted by who moves the systems",
    who: "systems",
    path: "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/rampart-route-weight",
    by: "delete",
    refusal: /cannot delete resource/,
  },
  {
    what: "a pull request that writes",
    who: "previewer",
    path: route,
    by: "merge",
    body: rules({ backendRefs: backends(0) }),
    refusal: policy("previewers"),
  },
];
