import {
  type Attempt,
  at,
  backends,
  gatewayApi,
  host,
  policy,
  route,
  routes,
  rules,
  system,
  type Who,
} from "./attempt.ts";

const madeRoute = (name: string, spec: object, namespace = system) => ({
  ...{ apiVersion: gatewayApi, kind: "HTTPRoute", metadata: { name, namespace } },
  spec: { parentRefs: [{ namespace: "rampart-gateway", name: "gateway" }], ...spec },
});
const toCanary = { rules: [{ backendRefs: backends(100) }] };

export const onRoutes: readonly Attempt[] = [
  { what: "one percent more", body: rules({ backendRefs: backends(6) }) },
  { what: "everybody", body: rules({ backendRefs: backends(100) }) },
  { what: "everybody, as who moves the systems", who: "systems" as const, body: rules({ backendRefs: backends(100) }) },
  { what: "everybody, as the platform team", who: "platform" as const, body: rules({ backendRefs: backends(100) }) },
  { what: "large weights with the same look", body: rules({ backendRefs: backends(51, 949) }) },
  {
    what: "weights left out, which count as one",
    body: rules({ backendRefs: backends(5).map(({ weight: _, ...rest }) => rest) }),
  },
  { what: "no stable at all", body: rules({ backendRefs: [{ name: `${system}-canary`, port: 80 }] }) },
  { what: "no weight on anybody", body: rules({ backendRefs: backends(0, 0) }) },
  {
    what: "a second rule, by path",
    body: rules(
      { backendRefs: backends(5) },
      { matches: [{ path: { type: "PathPrefix", value: "/" } }], backendRefs: backends(100) },
    ),
  },
  {
    what: "a header match that catches all",
    body: rules({
      matches: [{ headers: [{ type: "RegularExpression", name: "host", value: ".*" }] }],
      backendRefs: backends(100),
    }),
  },
  {
    what: "a rule for a segment that isn't there",
    body: rules({ matches: [{ headers: [{ name: "x-rampart-segment", value: "vip" }] }], backendRefs: backends(100) }),
  },
  {
    what: "a segment by regular expression",
    body: rules({
      matches: [{ headers: [{ type: "RegularExpression", name: "x-rampart-segment", value: "all" }] }],
      backendRefs: backends(6),
    }),
  },
  {
    what: "a redirect",
    body: rules({
      filters: [{ type: "RequestRedirect", requestRedirect: { hostname: "other.example" } }],
    }),
  },
  {
    what: "a mirror in a phase without one",
    body: rules({
      filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name: `${system}-canary`, port: 80 } } }],
      backendRefs: backends(5),
    }),
  },
  {
    what: "a mirror to somebody else",
    body: rules({
      filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name: "other", port: 80 } } }],
      backendRefs: backends(5),
    }),
  },
  {
    what: "filters on a backend",
    body: rules({
      backendRefs: [
        { ...backends(5)[0], filters: [{ type: "RequestHeaderModifier", requestHeaderModifier: { remove: ["x"] } }] },
        backends(5)[1],
      ],
    }),
  },
  { what: "a third backend", body: rules({ backendRefs: [...backends(5), { name: "other", port: 80, weight: 100 }] }) },
  {
    what: "a backend of another namespace",
    body: rules({
      backendRefs: [...backends(5), { name: "wdbx-canary", namespace: "dwcp-manager", port: 80, weight: 5 }],
    }),
  },
  { what: "no hosts, so all of them", body: { spec: { hostnames: null } } },
  { what: "a wildcard for a host", body: { spec: { hostnames: ["*.wdbx.example.com"] } } },
].map(({ what, body, who = "admin" as Who }: { what: string; body: object; who?: Who }) => ({
  ...{ what: `route: ${what}`, who, path: route, by: "merge" as const, body, refusal: policy("route-weight") },
}));

export const besideRoutes: readonly Attempt[] = [
  {
    what: "route: a weight by JSON patch",
    path: route,
    by: "json",
    body: [{ op: "replace", path: "/spec/rules/0/backendRefs/1/weight", value: 900 }],
    refusal: policy("route-weight"),
  },
  {
    what: "route: a second one for the same host",
    path: routes,
    body: madeRoute("second", { hostnames: [host], ...toCanary }),
    refusal: policy("route-weight"),
  },
  {
    what: "route: a second one for a host of its own",
    path: routes,
    body: madeRoute("second", { hostnames: ["canary.example.com"], ...toCanary }),
    refusal: policy("route-weight"),
  },
  {
    what: "route: a second one for every host",
    path: routes,
    body: madeRoute("second", toCanary),
    refusal: policy("route-weight"),
  },
  {
    what: "route: of another system, for this one's host",
    path: at(gatewayApi, "httproutes", "", "dwcp-manager"),
    body: madeRoute(
      "thief",
      { hostnames: [host], rules: [{ backendRefs: [{ name: "dwcp-manager-stable", port: 80 }] }] },
      "dwcp-manager",
    ),
    refusal: policy("foreign-hosts"),
  },
  {
    what: "route: of a foreign namespace, by wildcard",
    path: at(gatewayApi, "httproutes", "", "default"),
    body: madeRoute(
      "thief",
      { hostnames: ["*.example.com"], rules: [{ backendRefs: [{ name: "x", port: 80 }] }] },
      "default",
    ),
    refusal: policy("foreign-hosts"),
  },
  {
    what: "route: applied by force",
    path: `${route}?force=true`,
    by: "apply",
    body: madeRoute(system, { hostnames: [host], ...toCanary }),
    refusal: policy("route-weight"),
  },
  {
    what: "route: an HTTPProxy of a foreign namespace, for this one's host",
    path: at("projectcontour.io/v1", "httpproxies", "", "default"),
    body: {
      ...{ apiVersion: "projectcontour.io/v1", kind: "HTTPProxy", metadata: { name: "thief" } },
      spec: { virtualhost: { fqdn: host }, routes: [{ services: [{ name: "x", port: 80 }] }] },
    },
    refusal: policy("foreign-hosts"),
  },
  {
    what: "route: an Ingress of a foreign namespace, for this one's host",
    path: at("networking.k8s.io/v1", "ingresses", "", "default"),
    body: {
      ...{ apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "thief" } },
      spec: {
        rules: [
          {
            host,
            http: {
              paths: [{ path: "/a", pathType: "Prefix", backend: { service: { name: "x", port: { number: 80 } } } }],
            },
          },
        ],
      },
    },
    refusal: policy("foreign-hosts"),
  },
  { what: "route: deleted", path: route, by: "delete", refusal: policy("keep-traffic") },
  {
    what: "grant for other namespaces",
    path: at("gateway.networking.k8s.io/v1beta1", "referencegrants"),
    body: {
      apiVersion: "gateway.networking.k8s.io/v1beta1",
      kind: "ReferenceGrant",
      metadata: { name: "open" },
      spec: {
        from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "default" }],
        to: [{ group: "", kind: "Service" }],
      },
    },
    refusal: policy("no-grants"),
  },
  {
    what: "an Ingress",
    path: at("networking.k8s.io/v1", "ingresses"),
    body: {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "side" },
      spec: { defaultBackend: { service: { name: `${system}-canary`, port: { number: 80 } } } },
    },
    refusal: policy("other-routes"),
  },
  {
    what: "a GRPCRoute",
    path: at(gatewayApi, "grpcroutes"),
    body: {
      apiVersion: gatewayApi,
      kind: "GRPCRoute",
      metadata: { name: "side" },
      spec: { rules: [{ backendRefs: [{ name: `${system}-canary`, port: 80 }] }] },
    },
    refusal: policy("other-routes"),
  },
  {
    what: "an HTTPProxy",
    path: at("projectcontour.io/v1", "httpproxies"),
    body: {
      apiVersion: "projectcontour.io/v1",
      kind: "HTTPProxy",
      metadata: { name: "side" },
      spec: {
        virtualhost: { fqdn: "side.example.com" },
        routes: [{ services: [{ name: `${system}-canary`, port: 80 }] }],
      },
    },
    refusal: policy("other-routes"),
  },
];
