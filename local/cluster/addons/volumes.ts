import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { apply, type Cluster, kubectl } from "../cluster.ts";
import { type Dirs, nodeName } from "../layout.ts";

const count = 40;
const storageClassName = "local";
const nameOf = (index: number): string => `local-${String(index).padStart(2, "0")}`;

/** Folders of this machine as PersistentVolumes: a claim takes one when its first pod is scheduled. */
export async function ensureVolumes(cluster: Cluster): Promise<void> {
  await recycleVolumes(cluster);
  await makeVolumeFolders(cluster.where);
  await apply(cluster, volumes(cluster.where));
}

function volumes(where: Dirs): object[] {
  const storageClass = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: storageClassName, annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
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
      storageClassName,
      capacity: { storage: "10Gi" },
      accessModes: ["ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      local: { path: join(where.volumes, nameOf(index)) },
      nodeAffinity: { required: { nodeSelectorTerms: onThisNode } },
    },
  });
  return [storageClass, ...Array.from({ length: count }, (_, index) => volume(index))];
}

async function makeVolumeFolders(where: Dirs): Promise<void> {
  for (let index = 0; index < count; index++) {
    await mkdir(join(where.volumes, nameOf(index)), { recursive: true, mode: 0o777 });
  }
}

interface Volume {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly storageClassName?: string };
  readonly status?: { readonly phase?: string };
}

/** A volume whose claim was deleted can't be claimed again: it is emptied, to be made anew. Others' volumes are theirs. */
async function recycleVolumes(cluster: Cluster): Promise<void> {
  const found: { items: Volume[] } = JSON.parse(
    await kubectl(cluster, ["get", "persistentvolumes", "--output", "json"]),
  );
  const released = found.items
    .filter(({ spec, status }) => spec.storageClassName === storageClassName && status?.phase === "Released")
    .map(({ metadata }) => metadata.name);
  if (released.length === 0) return;
  await kubectl(cluster, ["delete", "persistentvolume", ...released]);
  for (const name of released) await rm(join(cluster.where.volumes, name), { recursive: true, force: true });
}
