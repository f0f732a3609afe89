import type * as k8s from "@pulumi/kubernetes";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Container = k8s.types.input.core.v1.Container;

/** What all pods of the monitoring have in common: a number for a user, nothing to write to but their volumes. */
export const lockedPod = (container: Container, more: Partial<PodSpec>): PodSpec => ({
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    fsGroup: 65532,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  },
  ...more,
  containers: [
    {
      imagePullPolicy: "IfNotPresent",
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      },
      ...container,
    },
  ],
});

/** Replicas on different nodes where there is more than one. */
export const apart = (labels: Readonly<Record<string, string>>): Pick<PodSpec, "topologySpreadConstraints"> => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: labels },
    },
  ],
});

export interface Storage {
  readonly size: string;
  readonly className?: string;
}

/** A claim of its own for each replica, or, where losing it is no harm, what the node has. */
export function dataVolume(storage: Storage | undefined): {
  volumes: k8s.types.input.core.v1.Volume[];
  claims: k8s.types.input.core.v1.PersistentVolumeClaim[];
} {
  if (!storage) return { volumes: [{ name: "data", emptyDir: {} }], claims: [] };
  const { size, className } = storage;
  const spec = {
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: size } },
    ...(className && { storageClassName: className }),
  };
  return { volumes: [], claims: [{ metadata: { name: "data" }, spec }] };
}
