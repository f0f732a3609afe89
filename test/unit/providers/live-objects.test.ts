import assert from "node:assert/strict";
import { type Properties, unknown } from "../../../local/providers/base/properties.ts";
import { whatHoldsIt } from "../../../local/providers/kubernetes/delete-object.ts";
import { driftedInputs, holdTheSame, importedInputs } from "../../../local/providers/kubernetes/live-inputs.ts";
import { outputsOf, withUnknownsOfCreate, withUnknownsOfUpdate } from "../../../local/providers/kubernetes/outputs.ts";

const serverMetadata = {
  uid: "u",
  resourceVersion: "7",
  generation: 2,
  creationTimestamp: "2030-01-01T00:00:00Z",
  managedFields: [{ manager: "m" }],
};

describe("the inputs that a live object stands for", () => {
  it("are all but what only the server writes, for an import", () => {
    const live = {
      kind: "ConfigMap",
      metadata: {
        name: "a",
        ...serverMetadata,
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}" },
      },
      data: { a: "1" },
      status: { phase: "x" },
    };
    assert.deepEqual(importedInputs(live), { kind: "ConfigMap", metadata: { name: "a" }, data: { a: "1" } });
  });

  it("are the program's fields with their live values, for drift", () => {
    const old = { spec: { replicas: 1, paused: true, template: { labels: { a: "b" } } } };
    const live = { spec: { replicas: 3, strategy: "x", template: { labels: { a: "c", other: "d" } } }, status: {} };
    assert.deepEqual(driftedInputs(old, live), { spec: { replicas: 3, template: { labels: { a: "c" } } } });
  });

  it("match list elements by name, so that an injected sidecar is no drift", () => {
    const old: Properties = {
      containers: [
        { name: "main", image: "a:1" },
        { name: "gone", image: "b:1" },
      ],
    };
    const live: Properties = {
      containers: [
        { name: "sidecar", image: "s" },
        { name: "main", image: "a:2", ports: [] },
      ],
    };
    assert.deepEqual(driftedInputs(old, live), { containers: [{ name: "main", image: "a:2" }] });
  });

  it("match other list elements by place, and see added ones", () => {
    assert.deepEqual(driftedInputs({ list: [{ a: 1 }] }, { list: [{ a: 2, b: 3 }, { a: 4 }] }), {
      list: [{ a: 2 }, { a: 4 }],
    });
  });

  it("read a Secret's stringData out of its data", () => {
    const live = { apiVersion: "v1", kind: "Secret", data: { a: Buffer.from("two").toString("base64") } };
    assert.deepEqual(driftedInputs({ stringData: { a: "one", b: "gone" } }, live), { stringData: { a: "two" } });
  });

  it("are the same for objects that differ only in the server's notes", () => {
    const one = { metadata: { name: "a", ...serverMetadata }, spec: { a: 1, b: 2 } };
    assert.ok(holdTheSame(one, { metadata: { name: "a", uid: "other" }, spec: { b: 2, a: 1 }, status: { x: 1 } }));
    assert.ok(!holdTheSame(one, { metadata: { name: "a" }, spec: { a: 1, b: 3 } }));
  });
});

describe("the outputs of a Kubernetes object", () => {
  it("leave the bookkeeping of managed fields out and remember the manager", () => {
    assert.deepEqual(outputsOf({ metadata: { name: "a", managedFields: [] }, data: {} }, "me"), {
      metadata: { name: "a" },
      data: {},
      __fieldManager: "me",
    });
  });

  it("of an object to be made leave unknown what only the server can know", () => {
    const planned = withUnknownsOfCreate(
      { kind: "ConfigMap", apiVersion: "v1", metadata: { name: "a", ...serverMetadata }, data: {} },
      {},
    );
    const { uid, resourceVersion, generation, creationTimestamp, name } = planned.metadata as Record<string, unknown>;
    assert.deepEqual(
      [uid, resourceVersion, generation, creationTimestamp, name],
      [unknown, unknown, unknown, unknown, "a"],
    );
    assert.equal(planned.status, unknown);
  });

  it("of a service to be made leave addresses and ports unknown that a dry run only tried out", () => {
    const planned = {
      kind: "Service",
      apiVersion: "v1",
      metadata: {},
      spec: { type: "NodePort", clusterIP: "10.0.0.9", ports: [{ port: 80, nodePort: 31000 }] },
    };
    const free = withUnknownsOfCreate(planned, { spec: { ports: [{ port: 80 }] } }).spec;
    assert.deepEqual(free, {
      type: "NodePort",
      clusterIP: unknown,
      clusterIPs: unknown,
      ports: [{ port: 80, nodePort: unknown }],
    });
    const asked = withUnknownsOfCreate(planned, {
      spec: { clusterIP: "10.0.0.9", ports: [{ port: 80, nodePort: 31000 }] },
    }).spec;
    assert.deepEqual(asked, planned.spec);
  });

  it("of an object to be changed keep its identity", () => {
    const { uid, resourceVersion } = withUnknownsOfUpdate({ metadata: { ...serverMetadata } }).metadata as Record<
      string,
      unknown
    >;
    assert.deepEqual([uid, resourceVersion], ["u", unknown]);
  });
});

describe("an object that doesn't go away", () => {
  it("says which finalizers hold it and what its conditions tell", () => {
    const held: Properties = {
      metadata: { finalizers: ["example.com/cleanup"] },
      spec: { finalizers: ["kubernetes"] },
      status: {
        conditions: [
          { status: "True", reason: "SomeResourcesRemain", message: "pods: 1" },
          { status: "False", reason: "Quiet" },
        ],
      },
    };
    assert.match(
      whatHoldsIt(held),
      /^finalizers hold it: example\.com\/cleanup, kubernetes .*; SomeResourcesRemain: pods: 1$/,
    );
  });
});
