import assert from "node:assert/strict";
import {
  cleanRoute,
  parseOldRoute,
  routeProblems,
  serviceOf,
  warmUpRoute,
} from "../../../rollout/adoption/old-route.ts";

const door = { gateway: { namespace: "rampart-gateway", name: "gateway" }, hostnames: ["a.example"] };
const plain = {
  metadata: { name: "search", namespace: "legacy", uid: "1", resourceVersion: "7", labels: { team: "search" } },
  spec: {
    parentRefs: [{ namespace: "rampart-gateway", name: "gateway" }],
    hostnames: ["a.example"],
    rules: [{ backendRefs: [{ name: "web", port: 80, weight: 1 }] }],
  },
  status: { parents: [] },
};
type Rule = Record<string, unknown>;
const route = (spec: Record<string, unknown>) => parseOldRoute({ ...plain, spec: { ...plain.spec, ...spec } });
const withRule = (rule: Rule) => route({ rules: [{ ...plain.spec.rules[0], ...rule }] });
const problems = (...args: Parameters<typeof route>) => routeProblems(route(...args), door).join("; ");

describe("a route that is to be adopted", () => {
  it("has no problem where it sends all requests to one Service", () => {
    assert.deepEqual(routeProblems(parseOldRoute(plain), door), []);
    assert.equal(serviceOf(parseOldRoute(plain)), "web");
    const path = { path: { type: "PathPrefix", value: "/" } };
    assert.deepEqual(routeProblems(withRule({ matches: [path] }), door), []);
  });

  it("has to hang on the gateway that Rampart's route hangs on", () => {
    assert.match(problems({ parentRefs: [{ name: "edge" }] }), /hangs on the gateway legacy\/edge/);
    assert.match(problems({ parentRefs: [] }), /hangs on no gateway/);
  });

  it("may serve nobody else's hosts, and has to serve the system's", () => {
    assert.match(problems({ hostnames: ["a.example", "b.example"] }), /also serves b\.example/);
    assert.match(problems({ hostnames: [] }), /serves none of the system's hosts \(a\.example\)/);
  });

  it("may do nothing that Rampart's route doesn't do", () => {
    const said = (rule: Rule) => routeProblems(withRule(rule), door).join("; ");
    assert.match(said({ matches: [{ path: { type: "PathPrefix", value: "/v1" } }] }), /takes some requests only/);
    assert.match(said({ matches: [{ path: { type: "Exact", value: "/" } }] }), /takes some requests only/);
    assert.match(said({ matches: [{ headers: [{ name: "x", value: "y" }] }] }), /takes some requests only/);
    assert.match(said({ filters: [{ type: "URLRewrite" }] }), /has filters \(URLRewrite\)/);
    assert.match(said({ matches: [] }), /its list of matches is empty/);
    assert.match(problems({ rules: [...plain.spec.rules, ...plain.spec.rules] }), /has 2 rules/);
  });

  it("has to lead to one Service of its own namespace", () => {
    const said = (...backendRefs: object[]) => routeProblems(withRule({ backendRefs }), door).join("; ");
    assert.match(said(), /leads to 0 backends/);
    assert.match(said({ name: "web" }, { name: "next" }), /leads to 2 backends/);
    assert.match(said({ name: "web", namespace: "other" }), /leads to the namespace other/);
    assert.match(said({ name: "web", kind: "Bucket" }), /leads to a Bucket/);
  });

  it("is kept without what the API server has added, and nothing else is lost", () => {
    assert.deepEqual(JSON.parse(JSON.stringify(cleanRoute(parseOldRoute(plain)))), {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: "search", namespace: "legacy", labels: { team: "search" } },
      spec: plain.spec,
    });
  });

  it("leads to the same pods for a host that nobody asks for, to warm them up", () => {
    const warm = warmUpRoute(parseOldRoute(plain));
    assert.deepEqual(warm.metadata, { name: "search-warm-up", namespace: "legacy" });
    assert.deepEqual(warm.spec, { ...plain.spec, hostnames: ["warm-up.a.example"] });
  });
});
