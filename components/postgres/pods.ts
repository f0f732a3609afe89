import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type Container = k8s.types.input.core.v1.Container;

/** The image's own user: also the group that may read the certificate's key. */
const user = 999;

/** What all pods of a database have in common: a number for a user, on different nodes where there is more than one. */
export const lockedPod = (labels: Readonly<Record<string, string>>, spec: PodSpec): PodSpec => ({
  enableServiceLinks: false,
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 100,
          podAffinityTerm: { labelSelector: { matchLabels: labels }, topologyKey: "kubernetes.io/hostname" },
        },
      ],
    },
  },
  securityContext: {
    runAsNonRoot: true,
    runAsUser: user,
    runAsGroup: user,
    fsGroup: user,
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  },
  ...spec,
});

export const lockedContainer = (container: Container): Container => ({
  imagePullPolicy: "IfNotPresent",
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
  ...container,
});

/** PostgreSQL refuses a key that others may read. */
export const tlsVolume = (secretName: pulumi.Input<string>): k8s.types.input.core.v1.Volume => ({
  name: "tls",
  secret: { secretName, defaultMode: 0o640 },
});
