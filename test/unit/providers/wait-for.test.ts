import assert from "node:assert/strict";
import type { Properties } from "../../../local/providers/base/properties.ts";
import { parseJsonPath } from "../../../local/providers/kubernetes/awaits/json-path.ts";
import { parseWaitFor } from "../../../local/providers/kubernetes/awaits/wait-for.ts";

const object: Properties = {
  metadata: { annotations: { "a.b/c": "x" }, uid: "u" },
  status: {
    phase: "Running",
    observedStep: 3,
    empty: null,
    conditions: [
      { type: "Ready", status: "True" },
      { type: "Synced", status: "False", reason: "Waiting", message: "for more" },
    ],
    hosts: ["a", "b"],
  },
};

describe("JSONPath", () => {
  for (const [path, values] of Object.entries({
    "{.status.phase}": ["Running"],
    ".status.phase": ["Running"],
    "status.phase": ["Running"],
    "{$.status.phase}": ["Running"],
    "{.status.hosts[1]}": ["b"],
    "{.status.hosts[-1]}": ["b"],
    "{.status.hosts[*]}": ["a", "b"],
    '{.status.conditions[?(@.type=="Synced")].reason}': ["Waiting"],
    "{.status.conditions[*].type}": ["Ready", "Synced"],
    "{.metadata.annotations['a.b/c']}": ["x"],
    "{.metadata.annotations.a\\.b/c}": ["x"],
    "{.status.missing.deeper}": [],
    "{.status.empty}": [],
  })) {
    it(`finds ${JSON.stringify(values)} at ${path}`, () => assert.deepEqual(parseJsonPath(path)(object), values));
  }
  it("refuses what it can't read", () => {
    for (const path of ["{.a[}", "{.a[?(@.b > 1)]}", "{..a}"])
      assert.throws(() => parseJsonPath(path), /can't read/, path);
  });
});

describe("pulumi.com/waitFor", () => {
  const state = (annotation: string) => parseWaitFor(annotation).check(object, []).state;
  for (const annotation of [
    "condition=Ready",
    "condition=Ready=True",
    "condition=Synced=false",
    "jsonpath={.status.phase}",
    "jsonpath={.status.phase}=Running",
    'jsonpath={.status.phase}="Running"',
    "jsonpath={.status.observedStep}=3",
    'jsonpath={.status.conditions[?(@.type=="Ready")].status}=True',
    '["condition=Ready", "jsonpath={.metadata.uid}"]',
  ]) {
    it(`holds for ${annotation}`, () => assert.equal(state(annotation), "ready"));
  }
  for (const annotation of [
    "condition=Synced",
    "condition=Other",
    "jsonpath={.status.phase}=Pending",
    "jsonpath={.status.observedStep}=4",
    "jsonpath={.status.empty}",
    '["condition=Ready", "condition=Synced"]',
  ]) {
    it(`doesn't hold yet for ${annotation}`, () => assert.equal(state(annotation), "waiting"));
  }
  it("says what is there instead", () => {
    assert.equal(
      parseWaitFor("condition=Synced").check(object, []).message,
      "condition=Synced does not hold yet (False, Waiting: for more)",
    );
    assert.equal(
      parseWaitFor("jsonpath={.status.phase}=Done").check(object, []).message,
      "jsonpath={.status.phase}=Done does not hold yet (Running)",
    );
  });
  it("refuses what it can't read, naming what it can", () => {
    for (const annotation of ["ready", "jsonpath=", "[]", '["condition=A", 3]', "delete"]) {
      assert.throws(() => parseWaitFor(annotation), /pulumi\.com\/waitFor: .*allowed are "condition=Type"/, annotation);
    }
  });
});
