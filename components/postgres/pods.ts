import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { tlsFolder } from "../../rollout/postgres/patroni.ts";

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

export interface SuperuserScript {
  readonly image: string;
  readonly tlsSecret: pulumi.Input<string>;
  /** The Secret with the superuser's. */
  readonly password: pulumi.Input<string>;
}

/** A pod that does something to the servers once, and may come back to it. */
export function superuserPod(
  labels: Readonly<Record<string, string>>,
  { image, tlsSecret, password }: SuperuserScript,
  script: string,
): k8s.types.input.core.v1.PodTemplateSpec {
  const container = lockedContainer({
    name: labels["app.kubernetes.io/name"]!,
    image,
    command: ["/usr/bin/dash", "-euc", script],
    env: [{ name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: password, key: "superuser" } } }],
    resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { memory: "256Mi" } },
    volumeMounts: [
      { name: "tls", mountPath: tlsFolder },
      { name: "tmp", mountPath: "/tmp" },
    ],
  });
  const spec = lockedPod(labels, {
    automountServiceAccountToken: false,
    restartPolicy: "Never",
    containers: [container],
    volumes: [tlsVolume(tlsSecret), { name: "tmp", emptyDir: {} }],
  });
  return { metadata: { labels }, spec };
}
