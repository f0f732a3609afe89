import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { frozenTemplate, podSpec, revisionOf } from "../../../components/pods.ts";
import { Workload, type WorkloadArgs } from "../../../components/workload.ts";

const image = `registry.example/app@sha256:${"a".repeat(64)}`;
const pod = { env: { A: "1" }, resources: { cpu: "50m", memory: "64Mi" }, ports: { app: 8080, health: 9090 } };

/** What the component declares, by kind. */
async function declared(over: Partial<WorkloadArgs> = {}): Promise<Record<string, { spec: Record<string, unknown> }>> {
  const found: Record<string, { spec: Record<string, unknown> }> = {};
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      found[type.split(":").at(-1)!] = inputs;
      return { id: name, state: inputs };
    },
    call: () => ({}),
  });
  new Workload("app", {
    ...{ system: "app", track: "stable", namespace: "app", image, pod, revision: "r1", keepsPods: false },
    ...{ segments: ["all"], replicas: 3, rolloutUid: "u", ...over },
  });
  await pulumi.runtime.disconnect();
  return found;
}

describe("a workload", () => {
  it("has so many pods, hard to lose and allowed to do little", async () => {
    const { Deployment, PodDisruptionBudget, HorizontalPodAutoscaler } = await declared();
    assert.equal(Deployment!.spec.replicas, 3);
    assert.equal(PodDisruptionBudget!.spec.maxUnavailable, 1);
    assert.equal(HorizontalPodAutoscaler, undefined);
    const { securityContext, automountServiceAccountToken, containers } = podSpec("app", "stable", image, pod);
    assert.equal(automountServiceAccountToken, false);
    assert.equal((securityContext as { runAsNonRoot: boolean }).runAsNonRoot, true);
    const [app] = containers as { securityContext: { readOnlyRootFilesystem: boolean }; readinessProbe: object }[];
    assert.ok(app!.securityContext.readOnlyRootFilesystem && app!.readinessProbe);
  });

  it("is scaled by load from its full size upwards, and an update doesn't undo that", async () => {
    const { Deployment, HorizontalPodAutoscaler } = await declared({ autoscaling: { maxReplicas: 9, cpuPercent: 70 } });
    assert.ok(!("replicas" in Deployment!.spec));
    const { minReplicas, maxReplicas } = HorizontalPodAutoscaler!.spec;
    assert.deepEqual([minReplicas, maxReplicas], [3, 9]);
  });
});

describe("a workload's Service", () => {
  const portsOf = async (...segments: string[]) => (await declared({ segments })).Service!.spec.ports as object[];

  it("has one port for everybody, and one more for each of several segments", async () => {
    const http = { name: "http", port: 80, targetPort: "http" };
    assert.deepEqual(await portsOf("all"), [http]);
    assert.deepEqual(await portsOf("b", "a"), [
      http,
      { name: "a", port: 8001, targetPort: "http" },
      { name: "b", port: 8002, targetPort: "http" },
    ]);
  });
});

describe("a revision", () => {
  it("changes with all that decides what the pods do, and with nothing else", () => {
    const known = revisionOf("app", image, pod);
    assert.equal(revisionOf("app", image, { ...pod }), known);
    for (const other of [
      { ...pod, env: { A: "2" } },
      { ...pod, resources: { cpu: "60m", memory: "64Mi" } },
      { ...pod, ports: { app: 8081, health: 9090 } },
    ]) {
      assert.notEqual(revisionOf("app", image, other), known);
    }
    assert.notEqual(revisionOf("app", image.replace("aa", "bb"), pod), known);
  });

  it("freezes every field of the pods but the image", () => {
    const spec = podSpec("app", "stable", image, pod);
    const frozen = frozenTemplate(spec);
    assert.ok(!frozen.includes("spec.template.spec.containers[0].image"));
    for (const key of Object.keys(spec).filter((one) => one !== "containers")) {
      assert.ok(frozen.includes(`spec.template.spec.${key}`), key);
    }
    assert.ok(frozen.includes("spec.template.metadata") && frozen.includes("spec.template.spec.containers[0].env"));
  });
});
