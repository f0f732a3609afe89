import assert from "node:assert/strict";
import {
  ApiError,
  explain,
  isFieldConflict,
  isOwnPolicyDenial,
  isWriteRace,
} from "../../../local/providers/kubernetes/api-error.ts";
import { parseWarnings } from "../../../local/providers/kubernetes/kube-client.ts";

const object = { kind: "Deployment", metadata: { namespace: "space", name: "app" } };
const conflict = new ApiError(409, {
  reason: "Conflict",
  message: "Apply failed with 2 conflicts",
  details: {
    causes: [
      { reason: "FieldManagerConflict", message: 'conflict with "kubectl" using apps/v1', field: ".spec.replicas" },
      { reason: "FieldManagerConflict", message: 'conflict with "hpa" using autoscaling/v2', field: ".spec.paused" },
    ],
  },
});
const race = new ApiError(409, { reason: "Conflict", message: "the object has been modified" });

describe("an error of the API server", () => {
  it("about fields names each field, its manager and the way out", () => {
    assert.equal(
      explain(conflict, object).message,
      "Deployment space/app: other field managers own what the program wants to set: " +
        '.spec.replicas (managed by "kubectl" using apps/v1), .spec.paused (managed by "hpa" using autoscaling/v2); ' +
        'remove these fields from the program, or take them over with the annotation pulumi.com/patchForce: "true"',
    );
  });
  it("is told apart: a conflict of fields stays, a race of writes passes", () => {
    assert.ok(isFieldConflict(conflict) && !isWriteRace(conflict));
    assert.ok(isWriteRace(race) && !isFieldConflict(race));
  });
  it("names the object it is about", () => {
    assert.equal(
      explain(new ApiError(422, { message: "spec.x: Required value" }), object).message,
      "Deployment space/app: spec.x: Required value",
    );
    assert.equal(new ApiError(500, {}).message, "the API server answered with HTTP 500");
  });
  it("comes from the project's own policies if their name says so", () => {
    const denial = (policy: string) =>
      new ApiError(422, {
        message: `httproutes "a" is forbidden: ValidatingAdmissionPolicy '${policy}' with binding 'b' denied request: no`,
      });
    assert.ok(isOwnPolicyDenial(denial("rampart-weights")));
    assert.ok(!isOwnPolicyDenial(denial("team-rampart-weights")));
    assert.ok(!isOwnPolicyDenial(race));
  });
  it("may come with warnings", () => {
    assert.deepEqual(parseWarnings('299 - "unknown field \\"spec.x\\"", 299 - "v1 is deprecated, use v2"'), [
      'unknown field "spec.x"',
      "v1 is deprecated, use v2",
    ]);
    assert.deepEqual(parseWarnings(undefined), []);
  });
});
