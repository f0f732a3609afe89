// Volumes that are full sooner than those of the cluster, made in the memory of the machine that it runs on.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { apply, execInNode } from "../../local/cluster/cluster.ts";
import { nodeName } from "../../local/cluster/layout.ts";
import type { Space } from "../support/pods.ts";

export const smallVolumes = { storageClass: "small", volumeMiB: 600 };

const folderOf = ({ cluster }: Space, claim: string): string => join(cluster.where.volumes, `small-${claim}`);

/** One for each of these claims. */
export async function makeSmallVolumes(space: Space, claims: readonly string[]): Promise<void> {
  const { storageClass, volumeMiB } = smallVolumes;
  for (const claim of claims) {
    const path = folderOf(space, claim);
    await mkdir(path, { recursive: true, mode: 0o777 });
    await execInNode(space.cluster, ["mount", "-t", "tmpfs", "-o", `size=${volumeMiB}m,mode=0777`, "small", path]);
  }
  const onThisNode = [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [nodeName] }] }];
  const volume = (claim: string) => ({
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `small-${claim}` },
    spec: {
      storageClassName: storageClass,
      capacity: { storage: `${volumeMiB}Mi` },
      accessModes: ["ReadWriteOnce"],
      claimRef: { namespace: space.namespace, name: claim },
      local: { path: folderOf(space, claim) },
      nodeAffinity: { required: { nodeSelectorTerms: onThisNode } },
    },
  });
  const small = {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: storageClass },
    provisioner: "kubernetes.io/no-provisioner",
    volumeBindingMode: "WaitForFirstConsumer",
  };
  await apply(space.cluster, [small, ...claims.map(volume)]);
}

/** Something that isn't the database's takes all that is left; the result takes it away again. */
export async function fill(space: Space, claim: string): Promise<() => Promise<unknown>> {
  const stray = join(folderOf(space, claim), "stray");
  await execInNode(space.cluster, ["sh", "-c", `cat /dev/zero > ${stray} 2> /dev/null; true`]);
  return () => execInNode(space.cluster, ["rm", stray]);
}
