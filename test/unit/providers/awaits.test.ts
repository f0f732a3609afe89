import assert from "node:assert/strict";
import type { Properties } from "../../../local/providers/base/properties.ts";
import { awaitOf, timeoutSecondsOf } from "../../../local/providers/kubernetes/awaits/await-of.ts";
import type { KubeObject } from "../../../local/providers/kubernetes/kube-object.ts";

const object = (
  apiVersion: string,
  kind: string,
  spec: Properties,
  status: Properties,
  metadata: Properties = {},
): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: "app", generation: 2, ...metadata },
  spec,
  status,
});
/** `ready`, or why not. */
function verdict(live: KubeObject, related: KubeObject[] = []): string {
  const { state, message } = awaitOf(live)!.check(live, related);
  return state === "ready" ? state : `${state}: ${message}`;
}

const crashing: KubeObject = {
  metadata: { name: "app-1" },
  status: {
    containerStatuses: [
      {
        name: "main",
        state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 10s" } },
        lastState: { terminated: { exitCode: 3, reason: "Error" } },
      },
    ],
  },
};

describe("a deployment", () => {
  const deployment = (status: Properties) =>
    object("apps/v1", "Deployment", { replicas: 2 }, { observedGeneration: 2, ...status });
  const done = { replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

  it("is ready when all its pods are new and available", () => assert.equal(verdict(deployment(done)), "ready"));
  it("is not ready before the controller has seen the change", () => {
    assert.match(verdict(deployment({ ...done, observedGeneration: 1 })), /has not seen the change/);
  });
  it("waits for new pods, then for the old ones to go, then for all to be available", () => {
    assert.equal(verdict(deployment({ ...done, updatedReplicas: 1 })), "waiting: 1 of 2 pods updated");
    assert.equal(verdict(deployment({ ...done, replicas: 3 })), "waiting: 1 old pods left");
    assert.equal(verdict(deployment({ ...done, availableReplicas: 1 })), "waiting: 1 of 2 pods ready");
  });
  it("says why its pods don't run", () => {
    assert.equal(
      verdict(deployment({ ...done, availableReplicas: 1 }), [crashing]),
      "waiting: 1 of 2 pods ready; pod app-1, container main: CrashLoopBackOff: back-off 10s; it ended with exit code 3 (Error)",
    );
  });
  it("fails when its progress deadline is exceeded", () => {
    const conditions = [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" },
    ];
    assert.equal(verdict(deployment({ ...done, conditions })), "failed: ProgressDeadlineExceeded: timed out");
  });
  it("is ready with no pods if none are wanted", () => {
    assert.equal(verdict(object("apps/v1", "Deployment", { replicas: 0 }, { observedGeneration: 2 })), "ready");
  });
});

describe("a stateful set", () => {
  const set = (status: Properties, spec: Properties = {}) =>
    object(
      "apps/v1",
      "StatefulSet",
      { replicas: 3, ...spec },
      { observedGeneration: 2, currentRevision: "a", updateRevision: "b", readyReplicas: 3, ...status },
    );

  it("waits for each pod to be updated", () =>
    assert.equal(verdict(set({ updatedReplicas: 2 })), "waiting: 2 of 3 pods updated"));
  it("is ready when its revisions are the same and its pods ready", () => {
    assert.equal(verdict(set({ updateRevision: "a" })), "ready");
    assert.equal(verdict(set({ updateRevision: "a", readyReplicas: 1 })), "waiting: 1 of 3 pods ready");
  });
  it("updates only the pods above the partition", () => {
    const partition = { updateStrategy: { rollingUpdate: { partition: 2 } } };
    assert.equal(verdict(set({ updatedReplicas: 1 }, partition)), "ready");
  });
});

describe("a daemon set", () => {
  const set = (status: Properties) =>
    object(
      "apps/v1",
      "DaemonSet",
      {},
      { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 2, ...status },
    );
  it("is ready when every node has a new pod that is available", () => {
    assert.equal(verdict(set({})), "ready");
    assert.equal(verdict(set({ updatedNumberScheduled: 1 })), "waiting: 1 of 2 pods updated");
    assert.equal(verdict(set({ numberAvailable: 0 })), "waiting: 0 of 2 pods ready");
  });
});

describe("a job", () => {
  const job = (status: Properties, spec: Properties = {}) => object("batch/v1", "Job", spec, status);
  it("is ready when it is complete, and fails when it failed", () => {
    assert.equal(verdict(job({ conditions: [{ type: "Complete", status: "True" }] })), "ready");
    assert.equal(verdict(job({ succeeded: 1 }, { completions: 3 })), "waiting: 1 of 3 pods succeeded");
    const conditions = [{ type: "Failed", status: "True", reason: "BackoffLimitExceeded", message: "too often" }];
    assert.equal(verdict(job({ conditions })), "failed: BackoffLimitExceeded: too often");
  });
  it("isn't waited for while suspended", () => assert.equal(verdict(job({}, { suspend: true })), "ready"));
});

describe("a service", () => {
  const service = (spec: Properties, status: Properties = {}) => object("v1", "Service", spec, status);
  const selector = { app: "a" };
  const slice = (ready: boolean): KubeObject => ({ endpoints: [{ addresses: ["10.0.0.1"], conditions: { ready } }] });

  it("waits for one ready endpoint", () => {
    assert.match(verdict(service({ selector }), []), /no ready pod/);
    assert.match(verdict(service({ selector }), [slice(false)]), /1 not ready/);
    assert.equal(verdict(service({ selector }), [slice(false), slice(true)]), "ready");
  });
  it("waits for nothing if it is headless, external or without selector", () => {
    assert.equal(verdict(service({ selector, clusterIP: "None" })), "ready");
    assert.equal(verdict(service({ selector, type: "ExternalName" })), "ready");
    assert.equal(verdict(service({})), "ready");
  });
  it("waits for the address of a load balancer", () => {
    assert.match(verdict(service({ type: "LoadBalancer" })), /no load balancer address/);
    assert.equal(
      verdict(service({ type: "LoadBalancer" }, { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } })),
      "ready",
    );
  });
});

describe("a volume claim", () => {
  const claim = (phase: string, spec: Properties = {}) => object("v1", "PersistentVolumeClaim", spec, { phase });
  const storageClass = (name: string, volumeBindingMode: string, annotations: Properties = {}): KubeObject => ({
    metadata: { name, annotations },
    volumeBindingMode,
  });
  const isDefault = { "storageclass.kubernetes.io/is-default-class": "true" };

  it("waits to be bound", () => {
    assert.equal(verdict(claim("Bound")), "ready");
    const classes = [storageClass("disk", "Immediate")];
    assert.equal(
      verdict(claim("Pending", { storageClassName: "disk" }), classes),
      "waiting: claim is Pending, not bound (storage class disk)",
    );
  });
  it("isn't waited for if it is bound only when a pod wants it", () => {
    assert.equal(
      verdict(claim("Pending", { storageClassName: "late" }), [storageClass("late", "WaitForFirstConsumer")]),
      "ready",
    );
    assert.equal(verdict(claim("Pending"), [storageClass("any", "WaitForFirstConsumer", isDefault)]), "ready");
  });
});

describe("other kinds", () => {
  it("wait for a CRD to be established and a namespace to be active", () => {
    const crd = (conditions: Properties[]) =>
      object("apiextensions.k8s.io/v1", "CustomResourceDefinition", {}, { conditions });
    assert.match(verdict(crd([])), /not established/);
    assert.equal(verdict(crd([{ type: "Established", status: "True" }])), "ready");
    assert.match(
      verdict(crd([{ type: "NamesAccepted", status: "False", reason: "PluralConflict" }])),
      /^failed: names not accepted: PluralConflict/,
    );
    assert.equal(verdict(object("v1", "Namespace", {}, { phase: "Active" })), "ready");
    assert.match(verdict(object("v1", "Namespace", {}, { phase: "Terminating" })), /Terminating/);
  });
  it("wait for a pod to be ready or to have succeeded", () => {
    const pod = (status: Properties) => object("v1", "Pod", {}, status);
    assert.equal(verdict(pod({ conditions: [{ type: "Ready", status: "True" }] })), "ready");
    assert.equal(verdict(pod({ phase: "Succeeded" })), "ready");
    assert.match(verdict(pod({ phase: "Failed" })), /^failed/);
    const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" }];
    assert.match(verdict(pod({ phase: "Pending", conditions })), /Unschedulable: 0\/1 nodes/);
  });
  it("are done when the server has them", () => assert.equal(awaitOf(object("v1", "ConfigMap", {}, {})), undefined));
});

describe("annotations about waiting", () => {
  const map = (annotations: Properties) => object("v1", "ConfigMap", {}, {}, { annotations });
  it("skip the wait, or set it for a kind that has none", () => {
    assert.equal(
      awaitOf(object("apps/v1", "Deployment", {}, {}, { annotations: { "pulumi.com/skipAwait": "true" } })),
      undefined,
    );
    assert.ok(awaitOf(map({ "pulumi.com/waitFor": "jsonpath={.data}" })));
  });
  it("limit the time, unless the resource has a timeout of its own", () => {
    const limited = map({ "pulumi.com/timeoutSeconds": "7" });
    assert.equal(timeoutSecondsOf(limited, 0, 600), 7);
    assert.equal(timeoutSecondsOf(limited, 30, 600), 30);
    assert.equal(timeoutSecondsOf(map({}), 0, 600), 600);
  });
});
