import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { guardManifests, policiesFor } from "../../../components/rollout-api/policies/all-policies.ts";

const hosts = { "a.example": ["a"] };
const policies = policiesFor(hosts);

describe("the admission policies as data", () => {
  it("fail closed, deny, and say on one line what is wrong", () => {
    for (const one of policies) {
      const { policy, bindings } = guardManifests(one, ["a", "b"]);
      assert.equal(policy.spec.failurePolicy, "Fail");
      assert.match(policy.metadata.name, /^rampart-/); // the provider retries denials of this name
      for (const { spec } of bindings) assert.deepEqual(spec.validationActions, ["Deny"]);
      for (const { expression, message } of one.validations) {
        assert.doesNotMatch(expression + message, /\n/, one.name);
        assert.match(message, /^[a-z].*[^.]$/, one.name);
      }
    }
  });

  it("rest without a Rollout only where a removal has to get through", () => {
    const resting = policies.filter(({ params }) => params?.whenMissing === "Allow").map(({ name }) => name);
    assert.deepEqual(resting, ["keep-traffic", "keep-namespace"]);
  });

  it("hold nothing empty, which the API server would drop and a next update find missing", () => {
    const empty = (value: unknown): boolean =>
      typeof value === "object" &&
      value !== null &&
      (Object.keys(value).length === 0 || Object.values(value).some(empty));
    for (const one of policies) assert.ok(!empty(guardManifests(one, ["a"])), one.name);
  });

  it("are declared by the component, each with its bindings", async () => {
    const types: string[] = [];
    await pulumi.runtime.setMocks({
      newResource: ({ type, name, inputs }) => {
        types.push(type.split(":").at(-1)!);
        return { id: name, state: inputs };
      },
      call: () => ({}),
    });
    const { Guards } = await import("../../../components/rollout-api/policies/guards.ts");
    new Guards("guards", { namespaces: ["a", "b"], hosts });
    await pulumi.runtime.disconnect();
    const count = (type: string) => types.filter((one) => one === type).length;
    assert.equal(count("ValidatingAdmissionPolicy"), policies.length);
    assert.equal(count("ValidatingAdmissionPolicyBinding"), policies.length + 1);
  });
});
