import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { planCrd, rolloutCrd } from "../../../components/rollout-api/crds.ts";
import type { JsonSchema } from "../../../components/rollout-api/json-schema.ts";
import { planRules } from "../../../components/rollout-api/plan-rules.ts";
import { rolloutManifest } from "../../../components/rollout-api/rollout-object.ts";
import { rolloutRules } from "../../../components/rollout-api/rollout-rules.ts";
import { rolloutSpec } from "../../../components/rollout-api/rollout-schema.ts";
import { ladders } from "../../../rollout/config/model.ts";
import { phasesOf } from "../../../rollout/plan/ladder.ts";
import { desiredRollout } from "../../../rollout/transitions/desired.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const schemaOf = (crd: typeof rolloutCrd) => crd.spec.versions[0]!.schema.openAPIV3Schema as JsonSchema;

/** Every schema in a schema, with its path. */
function* within(schema: JsonSchema, path = ""): Generator<[string, JsonSchema]> {
  yield [path, schema];
  for (const [name, one] of Object.entries(schema.properties ?? {})) yield* within(one, `${path}.${name}`);
  if (schema.items) yield* within(schema.items, `${path}[]`);
  if (schema.additionalProperties) yield* within(schema.additionalProperties, `${path}{}`);
}

/** What in a value the schema has no place or no room for. */
function misfits(value: unknown, schema: JsonSchema, path = "spec"): string[] {
  if (Array.isArray(value)) {
    const found = value.flatMap((one, index) => misfits(one, schema.items!, `${path}[${index}]`));
    return value.length > schema.maxItems! || value.length < (schema.minItems ?? 0) ? [...found, path] : found;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name));
    const inside = entries.flatMap(([name, one]) => {
      const known = schema.properties?.[name] ?? schema.additionalProperties;
      return known ? misfits(one, known, `${path}.${name}`) : [`${path}.${name}`];
    });
    return [...missing.map((name) => `${path} without ${name}`), ...inside];
  }
  if (typeof value === "string") return value.length > schema.maxLength! ? [path] : [];
  if (typeof value === "number") return value > schema.maximum! || value < schema.minimum! ? [path] : [];
  return [];
}

describe("the kinds Rollout and RolloutPlan", () => {
  it("bound everything, so that the API server can tell what a rule costs", () => {
    for (const crd of [rolloutCrd, planCrd]) {
      for (const [path, schema] of within(schemaOf(crd))) {
        if (schema.type === "string") assert.ok(schema.maxLength, `${path} has no maxLength`);
        if (schema.type === "array") assert.ok(schema.maxItems, `${path} has no maxItems`);
        if (schema.additionalProperties) assert.ok(schema.maxProperties, `${path} has no maxProperties`);
        if (schema.type === "object")
          assert.ok(schema.properties ?? schema.additionalProperties, `${path} takes nothing`);
      }
    }
  });

  it("have rules that say on one line what is wrong, and where", () => {
    for (const rules of [rolloutRules, planRules]) {
      assert.equal(new Set(rules.map(({ id }) => id)).size, rules.length);
      for (const { id, rule, message, fieldPath } of rules) {
        assert.doesNotMatch(rule + message, /\n/, id);
        assert.match(fieldPath, /^\.(spec|status)/, id);
        assert.match(message, /^[a-z].*[^.]$/, id);
      }
    }
  });

  it("have room for every ladder of the ten plans", () => {
    let seen = 0;
    for (const plan of plans) {
      for (const environment of ["staging", "production"] as const) {
        for (const ladder of ladders) {
          const phases = phasesOf(plan, environment, ladder);
          if (phases.length === 0) continue;
          const artifact = `registry.example/${plan.system}@sha256:${"b".repeat(64)}`;
          const rest = { settled: false, reason: undefined, excludeNodes: [], expectedRps: undefined };
          const flags = { retry: 0, hold: false, extendDays: 0, decommission: false };
          const first = { percent: 0, phase: phases[0]!.name, ladder };
          const config = { stable: "a", artifact, ...first, ...flags, ...rest };
          const scale = { time: 1, size: 1 };
          const wish = desiredRollout(plan, config, { environment, scale }, "r".repeat(64));
          const { spec } = rolloutManifest(plan.system, { ...wish, attempt: 1, step: 1 });
          assert.deepEqual(misfits(spec, rolloutSpec), []);
          assert.equal(phases[0]!.percent, 0);
          assert.equal(phases.at(-1)!.percent, 100);
          seen++;
        }
      }
    }
    assert.ok(seen >= 2 * plans.length);
  });

  it("say nothing that a settled Rollout doesn't have", () => {
    const { spec } = rolloutManifest("wdbx", {
      ...{ system: "wdbx", stable: "A", artifact: "A", revision: "r", retry: 0, phase: undefined, ladder: "normal" },
      ...{ planDigest: "p", phases: [], hold: false, extendSeconds: 0, decommission: false, attempt: 1, step: 1 },
    });
    assert.deepEqual([spec.percent, "phase" in spec, "exposure" in spec], [100, false, false]);
  });

  it("are declared by the component, with their rules", async () => {
    const declared: { name: string; inputs: Record<string, never> }[] = [];
    await pulumi.runtime.setMocks({
      newResource: ({ name, inputs }) => {
        declared.push({ name, inputs });
        return { id: name, state: inputs };
      },
      call: () => ({}),
    });
    const { RolloutApi } = await import("../../../components/rollout-api/rollout-api.ts");
    new RolloutApi("api");
    await pulumi.runtime.disconnect();
    const crds = declared.filter(({ name }) => name !== "api");
    assert.deepEqual(crds.map(({ name }) => name).sort(), ["api-plan", "api-rollout"]);
    for (const { inputs } of crds) assert.ok(JSON.stringify(inputs.spec).includes("x-kubernetes-validations"));
  });
});
