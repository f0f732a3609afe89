import assert from "node:assert/strict";
import fc from "fast-check";
import { httpRouteDrain, type RouteRule, routeRules } from "../../../components/routing/http-route-rules.ts";
import { rolloutPhases } from "../../../rollout/transitions/desired.ts";
import { effectiveOf } from "../../../rollout/verdict/effective.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const system = "wdbx";
const shares = (exposure: Record<string, number>, mirror = false) => routeRules({ system, exposure, mirror });
const weights = ({ backendRefs }: RouteRule) => backendRefs.map(({ weight }) => weight);

describe("the rules of a route", () => {
  it("share everybody by weight, and nobody when settled", () => {
    assert.deepEqual(shares({ all: 5 }).map(weights), [[95, 5]]);
    assert.deepEqual(shares({}).map(weights), [[100, 0]]);
  });

  it("give each segment a rule and ports of its own, and everybody else the lowest share", () => {
    const rules = shares({ internal: 100, premium: 10, standard: 5 });
    const shown = rules.map(({ matches, backendRefs }) => [
      matches?.map(({ headers }) => headers[0]!.value).join(),
      ...backendRefs.map(({ port, weight }) => `${port}: ${weight}`),
    ]);
    assert.deepEqual(shown, [
      ["internal", "8001: 0", "8001: 100"],
      ["premium", "8002: 90", "8002: 10"],
      ["standard", "8003: 95", "8003: 5"],
      [undefined, "80: 95", "80: 5"],
    ]);
  });

  it("need no ports of segments while none of them is exposed, so that a drain to nobody always works", () => {
    assert.deepEqual(shares({ internal: 0, premium: 0 }), shares({}));
    assert.deepEqual(
      shares({}).flatMap(({ backendRefs }) => backendRefs.map(({ port }) => port)),
      [80, 80],
    );
  });

  it("name the same ports in whatever order the API server gives the segments", () => {
    const [one, other] = [shares({ a: 5, b: 9 }), shares({ b: 9, a: 5 })];
    assert.deepEqual(one, other);
  });

  it("send to each segment what the exposure says", () => {
    const exposure = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.nat({ max: 100 }), { minKeys: 1 });
    fc.assert(
      fc.property(exposure, (one) => {
        const route = { spec: { rules: shares(one) } };
        assert.deepEqual(effectiveOf(route, system, Object.keys(one)), { ...one });
      }),
    );
  });

  it("mirror in every rule, or in none", () => {
    assert.ok(shares({ a: 0, b: 5 }, true).every(({ filters }) => filters?.[0]?.type === "RequestMirror"));
    assert.ok(shares({ a: 0, b: 5 }).every(({ filters }) => filters === undefined));
  });

  it("keep a user on a track only where the gateway is asked to", () => {
    const [rule] = routeRules({ system, exposure: {}, mirror: false, stickyCookie: "track" });
    assert.deepEqual(rule!.sessionPersistence, { sessionName: "track", type: "Cookie" });
    assert.ok(!("sessionPersistence" in shares({})[0]!));
  });
});

describe("the way down of a route", () => {
  it("takes everybody to stable, and each phase to the one before it, mirrors off", () => {
    for (const plan of plans.filter(({ adapter }) => adapter.kind === "http-weight")) {
      const phases = rolloutPhases(plan, "normal", { environment: "production", scale: { time: 1, size: 1 } });
      const actions = httpRouteDrain(plan.system, phases);
      for (const { to, phase, body } of actions) {
        assert.ok(body!.length <= 4096 && !body!.includes("RequestMirror"));
        const index = phases.findIndex(({ name }) => name === phase);
        const expected = to === "zero" ? phases[0]!.exposure : phases[index - 1]!.exposure;
        assert.deepEqual(effectiveOf(JSON.parse(body!), plan.system, Object.keys(expected)), expected);
      }
      assert.ok(actions.length <= 16);
    }
  });
});
