import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ensureVolumes } from "../../local/cluster/addons/volumes.ts";
import { apply } from "../../local/cluster/cluster.ts";
import { waitFor } from "../../local/wait.ts";
import { Space } from "../support/pods.ts";

describe("a volume of a node", () => {
  let space: Space;
  before(async () => {
    space = await Space.open();
  });

  const claimed = () => space.kubectl("get", "pvc", "data", "--output", "jsonpath={.spec.volumeName}");

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
    const volume = await claimed();
    assert.match(volume, /^local-\d\d$/);

    await space.kubectl("delete", "pod", "first", "--wait");
    await space.apply(pod("second"));
    await space.kubectl("wait", "--for=condition=Ready", "pod/second", "--timeout=60s");
    assert.equal(await claimed(), volume);
  });

  it("is emptied once its claim is gone and can be claimed again, but only where it is the node's own", async () => {
    const volume = await claimed();
    const others = { ...JSON.parse(await space.kubectl("get", "pv", volume, "--output", "json")), status: undefined };
    const folder = join(space.cluster.where.volumes, volume);
    await writeFile(join(folder, "row"), "old");
    await space.kubectl("delete", "pod", "second", "--wait");
    await space.kubectl("delete", "pvc", "data", "--wait");
    others.metadata = { name: `${space.namespace}-others` };
    others.spec.storageClassName = "others";
    await apply(space.cluster, [others]);
    const phase = (name: string) => space.kubectl("get", "pv", name, "--output", "jsonpath={.status.phase}");
    await waitFor("both to be released", async () =>
      (await Promise.all([volume, others.metadata.name].map(phase))).every((each) => each === "Released"),
    );

    await ensureVolumes(space.cluster);
    assert.deepEqual(await readdir(folder), []);
    await waitFor("it to be free", async () => (await phase(volume)) === "Available");
    assert.equal(await phase(others.metadata.name), "Released");
    await space.kubectl("delete", "pv", others.metadata.name);
  });
});
