import assert from "node:assert/strict";
import type { Properties } from "../../../local/providers/base/properties.ts";
import { diffInputs, onlyNamedIn, propertyPath } from "../../../local/providers/kubernetes/diff.ts";

const mutable = { enableConfigMapMutable: false, enableSecretMutable: false };
const object = (apiVersion: string, kind: string, rest: Properties = {}): Properties => ({
  apiVersion,
  kind,
  metadata: { name: "app", namespace: "space" },
  ...rest,
});
const replaced = (before: Properties, after: Properties, options = mutable) =>
  diffInputs(before, after, options)
    .changes.filter((change) => change.replaces)
    .map((change) => change.path);

describe("the diff of a Kubernetes object", () => {
  const deployment = (spec: Properties) => object("apps/v1", "Deployment", { spec });
  const container = { name: "main", image: "a:1" };

  it("is empty when only nulls differ", () => {
    const { changes } = diffInputs(deployment({ replicas: 1 }), deployment({ replicas: 1, paused: null }), mutable);
    assert.deepEqual(changes, []);
  });

  it("names each changed place in the engine's notation", () => {
    const before = deployment({ replicas: 1, template: { spec: { containers: [container] } } });
    const after = deployment({ paused: true, template: { spec: { containers: [{ ...container, image: "a:2" }] } } });
    assert.deepEqual(diffInputs(before, after, mutable), {
      changes: [
        { path: "spec.replicas", kind: "delete", replaces: false },
        { path: "spec.template.spec.containers[0].image", kind: "update", replaces: false },
        { path: "spec.paused", kind: "add", replaces: false },
      ],
      deleteBeforeReplace: false,
    });
    assert.equal(propertyPath(["metadata", "labels", "a.b/c"]), 'metadata.labels["a.b/c"]');
  });

  it("replaces on another name, namespace, kind or API group, but not on another version", () => {
    const before = object("apps/v1", "Deployment");
    assert.deepEqual(replaced(before, { ...before, metadata: { name: "other", namespace: "space" } }), [
      "metadata.name",
    ]);
    assert.deepEqual(replaced(before, { ...before, metadata: { name: "app", namespace: "other" } }), [
      "metadata.namespace",
    ]);
    assert.deepEqual(replaced(before, { ...before, kind: "StatefulSet" }), ["kind"]);
    assert.deepEqual(replaced(before, { ...before, apiVersion: "extensions/v1" }), ["apiVersion"]);
    assert.deepEqual(replaced(before, { ...before, apiVersion: "apps/v2" }), []);
  });

  it("replaces on fields that the API server never lets change", () => {
    const selector = (app: string) => ({ selector: { matchLabels: { app } } });
    assert.deepEqual(replaced(deployment(selector("a")), deployment(selector("b"))), ["spec.selector.matchLabels.app"]);
    const job = (image: string) =>
      object("batch/v1", "Job", { spec: { template: { spec: { containers: [{ ...container, image }] } } } });
    assert.deepEqual(replaced(job("a:1"), job("a:2")), ["spec.template.spec.containers[0].image"]);
    const service = (spec: Properties) => object("v1", "Service", { spec });
    assert.deepEqual(replaced(service({}), service({ clusterIP: "10.0.0.1" })), ["spec.clusterIP"]);
    assert.deepEqual(replaced(service({ ports: [{ port: 1 }] }), service({ ports: [{ port: 2 }] })), []);
    const binding = (name: string) => object("rbac.authorization.k8s.io/v1", "RoleBinding", { roleRef: { name } });
    assert.deepEqual(replaced(binding("a"), binding("b")), ["roleRef.name"]);
  });

  it("lets a pod change its image and nothing else of a container", () => {
    const pod = (main: Properties) => object("v1", "Pod", { spec: { containers: [{ ...container, ...main }] } });
    assert.deepEqual(replaced(pod({}), pod({ image: "a:2" })), []);
    assert.deepEqual(replaced(pod({}), pod({ command: ["x"] })), ["spec.containers[0].command"]);
  });

  it("replaces changed ConfigMaps and Secrets unless they are declared mutable", () => {
    const map = (a: string, rest: Properties = {}) => object("v1", "ConfigMap", { data: { a }, ...rest });
    const secret = (a: string) => object("v1", "Secret", { stringData: { a } });
    assert.deepEqual(replaced(map("1"), map("2")), ["data.a"]);
    assert.deepEqual(replaced(secret("1"), secret("2")), ["stringData.a"]);
    const both = { enableConfigMapMutable: true, enableSecretMutable: true };
    assert.deepEqual(replaced(map("1"), map("2"), both), []);
    assert.deepEqual(replaced(secret("1"), secret("2"), both), []);
    assert.deepEqual(replaced(map("1", { immutable: true }), map("2", { immutable: true }), both), ["data.a"]);
  });

  it("deletes first when the replacement has the same name, unless the name was generated", () => {
    const named = (a: string, annotations: Properties = {}) =>
      object("v1", "ConfigMap", { data: { a }, metadata: { name: "app", annotations } });
    assert.equal(diffInputs(named("1"), named("2"), mutable).deleteBeforeReplace, true);
    const generated = { "pulumi.com/autonamed": "true" };
    assert.equal(diffInputs(named("1", generated), named("2", generated), mutable).deleteBeforeReplace, false);
  });

  it("compares an imported object only where the program says something", () => {
    const held = { spec: { replicas: 1, strategy: { type: "RollingUpdate" }, list: [{ a: 1, b: 2 }] } };
    assert.deepEqual(onlyNamedIn({ spec: { replicas: 2, list: [{ a: 1 }] } }, held), {
      spec: { replicas: 1, list: [{ a: 1 }] },
    });
  });
});
