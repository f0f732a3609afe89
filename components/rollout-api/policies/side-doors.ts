import type { Policy } from "./policy.ts";

/** Other ways to a system's pods than its HTTPRoute. */
export const otherRoutes: Policy = {
  name: "other-routes",
  matches: [
    {
      groups: ["gateway.networking.k8s.io"],
      resources: ["grpcroutes", "tcproutes", "tlsroutes", "udproutes"],
      on: ["CREATE", "UPDATE"],
    },
    { groups: ["networking.k8s.io"], resources: ["ingresses"], on: ["CREATE", "UPDATE"] },
    { groups: ["projectcontour.io"], resources: ["httpproxies"], on: ["CREATE", "UPDATE"] },
    { groups: ["networking.istio.io"], resources: ["virtualservices"], on: ["CREATE", "UPDATE"] },
  ],
  where: "systems",
  skipsDryRuns: false,
  validations: [{ expression: "false", message: "a system is reached by its HTTPRoute and by nothing else" }],
};

/** A grant would let a route of another namespace send users where no Rollout counts them. */
export const noGrants: Policy = {
  name: "no-grants",
  matches: [{ groups: ["gateway.networking.k8s.io"], resources: ["referencegrants"], on: ["CREATE", "UPDATE"] }],
  where: "systems",
  skipsDryRuns: false,
  validations: [{ expression: "false", message: "routes of other namespaces don't lead to a system's Services" }],
};

const keeper = "system:serviceaccount:kube-system:endpointslice-controller";

/** An endpoint written by hand gets a share of stable's users, whatever runs behind it. */
export const foreignEndpoints: Policy = {
  name: "foreign-endpoints",
  matches: [{ groups: ["discovery.k8s.io"], resources: ["endpointslices"], on: ["CREATE", "UPDATE"] }],
  where: "systems",
  skipsDryRuns: false,
  validations: [
    {
      expression: `request.userInfo.username == '${keeper}'`,
      message: "a system's endpoints follow from its pods; nobody writes them",
    },
  ],
};
