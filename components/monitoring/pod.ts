import type * as k8s from "@pulumi/kubernetes";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Container = k8s.types.input.core.v1.Container;

/** What all pods of the monitoring have in common: a number for a user, nothing to write to but their volumes. */
export const lockedPod = (container: Container, more: Partial<PodSpec>): PodSpec => ({
  enableServiceLinks: false,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    runAsGroup: 65532,
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

/** All that a container may use is set aside for it, but for the CPU: it may have what nobody else needs. */
export const bounded = (cpu: string, memory: string, disk = "1Gi"): k8s.types.input.core.v1.ResourceRequirements => ({
  requests: { cpu, memory, "ephemeral-storage": "16Mi" },
  limits: { memory, "ephemeral-storage": disk },
});

/** Ready is asked often; who doesn't even take connections for a minute is started anew. */
export const asked = (path: string, port: string | number): Pick<Container, "readinessProbe" | "livenessProbe"> => ({
  readinessProbe: { httpGet: { path, port }, periodSeconds: 5 },
  livenessProbe: { tcpSocket: { port }, periodSeconds: 10, failureThreshold: 6 },
});

/**
 * The platform's update holds up nobody for it: without measurements nothing passes, so a rollout is as safe, and whoever
 * is missing is told of by those that are there.
 */
export const awaitedByNobody = { "pulumi.com/skipAwait": "true" };

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
