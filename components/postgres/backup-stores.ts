import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { backupFolder, backupPort } from "../../rollout/postgres/backups.ts";
import { type Bucket, bucketCaFile, bucketPort, identityFolder } from "../../rollout/postgres/bucket.ts";
import { toDns } from "../egress.ts";

type EnvVar = k8s.types.input.core.v1.EnvVar;
type Volume = k8s.types.input.core.v1.Volume;
type Labels = Readonly<Record<string, string>>;

/** Where backups lie, as pods see it that hold them. */
export interface Store {
  /** Needed by whoever reads what is encrypted, also if it is handed to him. */
  readonly passphrase: EnvVar;
  readonly env: readonly EnvVar[];
  readonly volumes: readonly Volume[];
  readonly mounts: readonly k8s.types.input.core.v1.VolumeMount[];
  readonly labels: Labels;
  readonly pod: Partial<k8s.types.input.core.v1.PodSpec>;
  /** Beside the configuration. */
  readonly files: Readonly<Record<string, string>>;
  /** A volume is on one node at a time, and takes one writer. */
  readonly isInOnePlace: boolean;
}

export interface StoreArgs {
  /** Of the cluster's backups. */
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
}

const passphraseOf = (name: pulumi.Input<string>): EnvVar => ({
  name: "PGBACKREST_REPO1_CIPHER_PASS",
  valueFrom: { secretKeyRef: { name, key: "passphrase" } },
});

interface VolumeArgs extends StoreArgs {
  readonly volumeMiB: number;
  readonly storageClass?: string | undefined;
}

/** It stays, with the key to it, when the cluster is removed. */
export function storeOnVolume(name: string, args: VolumeArgs, parent: pulumi.CustomResourceOptions): Store {
  const metadata = { name: args.name, namespace: args.namespace, labels: args.labels };
  const claim = new k8s.core.v1.PersistentVolumeClaim(
    `${name}-volume`,
    {
      // It may be bound only when its first pod is scheduled.
      metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        ...(args.storageClass && { storageClassName: args.storageClass }),
        resources: { requests: { storage: `${args.volumeMiB}Mi` } },
      },
    },
    { ...parent, retainOnDelete: true },
  );
  const passphrase = new random.RandomPassword(`${name}-passphrase`, { length: 48, special: false }, parent);
  const cipher = new k8s.core.v1.Secret(
    `${name}-cipher`,
    { metadata, stringData: { passphrase: passphrase.result } },
    { ...parent, retainOnDelete: true },
  );
  return {
    passphrase: passphraseOf(cipher.metadata.name),
    env: [],
    volumes: [{ name: "backups", persistentVolumeClaim: { claimName: claim.metadata.name } }],
    mounts: [{ name: "backups", mountPath: backupFolder }],
    labels: {},
    pod: {},
    files: {},
    isInOnePlace: true,
  };
}

interface BucketArgs extends StoreArgs {
  readonly bucket: Bucket;
  readonly isReached?: boolean;
}

/** Of all who hold backups, whichever cluster's; its value is whose. */
const holdsBackups = "rampart.dev/holds-backups-of";

/** The key to it is given, and not made here: whoever has it can restore what is lost with all of Kubernetes. */
export function storeInBucket(name: string, args: BucketArgs, parent: pulumi.CustomResourceOptions): Store {
  const { bucket, namespace } = args;
  const metadata = { name: args.name, namespace, labels: args.labels };
  const labels = { [holdsBackups]: args.name };
  if (!args.isReached) {
    new k8s.networking.v1.NetworkPolicy(
      `${name}-reach`,
      { metadata, spec: { podSelector: { matchLabels: labels }, ...reachOf(bucket) } },
      parent,
    );
  }
  const common = {
    passphrase: passphraseOf(bucket.secret),
    mounts: [],
    volumes: [],
    labels,
    files: Object.fromEntries(bucket.ca ? [[bucketCaFile, bucket.ca]] : []),
    isInOnePlace: false,
  };
  if (!bucket.role) {
    const fromSecret = (variable: string, key: string): EnvVar => ({
      name: `PGBACKREST_REPO1_S3_${variable}`,
      valueFrom: { secretKeyRef: { name: bucket.secret, key } },
    });
    return { ...common, pod: {}, env: [fromSecret("KEY", "key"), fromSecret("KEY_SECRET", "key-secret")] };
  }
  const account = new k8s.core.v1.ServiceAccount(
    `${name}-account`,
    { metadata, automountServiceAccountToken: false },
    parent,
  );
  const token = { audience: "sts.amazonaws.com", expirationSeconds: 3600, path: "token" };
  return {
    ...common,
    pod: { serviceAccountName: account.metadata.name },
    env: [
      { name: "AWS_ROLE_ARN", value: bucket.role },
      { name: "AWS_WEB_IDENTITY_TOKEN_FILE", value: `${identityFolder}/token` },
    ],
    volumes: [{ name: "identity", projected: { sources: [{ serviceAccountToken: token }] } }],
    mounts: [{ name: "identity", mountPath: identityFolder, readOnly: true }],
  };
}

type NetworkPolicySpec = k8s.types.input.networking.v1.NetworkPolicySpec;

/** For a namespace that is closed already: who holds backups there may speak to the bucket. */
export const opensTo = (bucket: Bucket): NetworkPolicySpec => ({
  podSelector: { matchExpressions: [{ key: holdsBackups, operator: "Exists" }] },
  policyTypes: ["Egress"],
  egress: [toBucket(bucket)],
});

/** Those who have the key speak to the bucket, to pgBackRest in their own namespace and to DNS. */
function reachOf(bucket: Bucket): Omit<NetworkPolicySpec, "podSelector"> {
  const inside = [{ podSelector: {} }];
  const backups = [{ port: backupPort, protocol: "TCP" }];
  return {
    policyTypes: ["Ingress", "Egress"],
    ingress: [{ from: inside, ports: backups }],
    egress: [{ to: inside, ports: backups }, toDns, toBucket(bucket)],
  };
}

function toBucket(bucket: Bucket): k8s.types.input.networking.v1.NetworkPolicyEgressRule {
  const asked = [...new Set([bucketPort(bucket), ...(bucket.role ? [443] : [])])];
  return {
    to: bucket.addresses.map((cidr) => ({ ipBlock: { cidr } })),
    ports: asked.map((port) => ({ port, protocol: "TCP" })),
  };
}
