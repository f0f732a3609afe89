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

  it("give segments with a larger share a rule of their own, and everybody else the lowest", () => {
    const rules = shares({ internal: 100, beta: 100, premium: 10, enterprise: 5, standard: 5 });
    assert.deepEqual(rules.map(weights), [
      [0, 100],
      [90, 10],
      [95, 5],
    ]);
    assert.deepEqual(
      rules[0]!.matches?.map(({ headers }) => headers[0]!.value),
      ["internal", "beta"],
    );
    assert.equal(rules[2]!.matches, undefined);
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
