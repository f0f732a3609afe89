import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Cluster, kubectl } from "../cluster.ts";
import { type Dirs, nodeName } from "../layout.ts";

const count = 40;
const nameOf = (index: number): string => `local-${String(index).padStart(2, "0")}`;

/** Folders of this machine as PersistentVolumes: a claim takes one when its first pod is scheduled. */
export function volumes(where: Dirs): object[] {
  const storageClass = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "local", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
    reclaimPolicy: "Retain",
  };
  const onThisNode = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [nodeName] }] }];
  const volume = (index: number): object => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: nameOf(index) },
    spec: {
      storageClassName: "local",
      capacity: { storage: "10Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      local: { path: join(where.volumes, nameOf(index)) },
      nodeAffinity: { required: { nodeSelectorTerms: onThisNode } },
    },
  });
  return [storageClass, ...Array.from({ length: count }, (_, index) => volume(index))];
}

export async function makeVolumeFolders(where: Dirs): Promise<void> {
  for (let index = 0; index < count; index++) {
    await mkdir(join(where.volumes, nameOf(index)), { recursive: true, mode: 0o777 });
  }
}

/** A volume whose claim was deleted can't be claimed again: it is emptied and made anew. */
export async function recycleVolumes(cluster: Cluster): Promise<void> {
  const volumes: { items: { metadata: { name: string }; status?: { phase?: string } }[] } = JSON.parse(
    await kubectl(cluster, ["get", "persistentvolumes", "--output", "json"]),
  );
  const released = volumes.items.filter((each) => each.status?.phase === "Released").map((each) => each.metadata.name);
  for (const name of released) {
    await kubectl(cluster, ["delete", "persistentvolume", name]);
    await rm(join(cluster.where.volumes, name), { recursive: true, force: true });
  }
}
