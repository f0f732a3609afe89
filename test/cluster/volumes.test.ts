import assert from "node:assert/strict";
import { Space } from "../support/pods.ts";

describe("a volume of a node", () => {
  let space: Space;
  before(async () => {
    space = await Space.open();
  });

  it("is bound when its first pod is scheduled, and outlives the pod", async () => {
    const claim = {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
    const pod = (name: string) =>
      space.pod(
        name,
        { image: "load", args: ["sleep"], volumeMounts: [{ name: "data", mountPath: "/data" }] },
        { volumes },
      );

    await space.apply(claim, pod("first"));
    await space.kubectl("wait", "--for=condition=Ready", "pod/first", "--timeout=60s");
    const volume = await space.kubectl("get", "pvc", "data", "--output", "jsonpath={.spec.volumeName}");
    assert.match(volume, /^local-\d\d$/);

    await space.kubectl("delete", "pod", "first", "--wait");
    await space.apply(pod("second"));
    await space.kubectl("wait", "--for=condition=Ready", "pod/second", "--timeout=60s");
    assert.equal(await space.kubectl("get", "pvc", "data", "--output", "jsonpath={.spec.volumeName}"), volume);
  });
});
