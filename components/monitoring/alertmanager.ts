import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apart, awaitedByNobody, bounded, dataVolume, lockedPod, type Storage } from "./pod.ts";

export interface AlertmanagerArgs {
  readonly namespace: pulumi.Input<string>;
  readonly image: string;
  /** Names of the replicas, under which they find each other. */
  readonly peers: readonly string[];
  readonly storage?: Storage;
  readonly memory: string;
  /** The text of alertmanager.yml; it holds no secret, only names of files. */
  readonly config: string;
  /** By the file that the config names. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
}

const labels = { "app.kubernetes.io/name": "alertmanager", "app.kubernetes.io/part-of": "rampart" };

// Plain names, not outputs: a ConfigMap that is replaced would take the pods with it.
const configName = "alertmanager-config";
const secretName = "alertmanager-receivers";

/** Where the files with the secrets are. */
export const secretsFolder = "/etc/alertmanager/secrets";

/** Replicas that tell each other what they have sent, so that people hear it once. */
export class Alertmanager extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:Alertmanager";

  constructor(name: string, args: AlertmanagerArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Alertmanager.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { namespace } = args;
    const metadata = { name: "alertmanager", namespace, labels };
    const config = new k8s.core.v1.ConfigMap(
      `${name}-config`,
      { metadata: { ...metadata, name: configName }, data: { "alertmanager.yml": args.config } },
      parent,
    );
    const secrets = new k8s.core.v1.Secret(
      `${name}-secrets`,
      { metadata: { ...metadata, name: secretName }, stringData: pulumi.secret(pulumi.all(args.secrets)) },
      parent,
    );
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: awaitedByNobody },
        // They have to find each other before any of them is ready.
        spec: {
          clusterIP: "None",
          publishNotReadyAddresses: true,
          selector: labels,
          ports: [
            { name: "http", port: 9093 },
            { name: "gossip", port: 9094 },
            { name: "gossip-udp", port: 9094, protocol: "UDP" },
          ],
        },
      },
      parent,
    );
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      parent,
    );
    this.run(name, args, [config, secrets]);
    this.registerOutputs();
  }

  private run(name: string, args: AlertmanagerArgs, files: readonly pulumi.Resource[]): void {
    const { volumes, claims } = dataVolume(args.storage);
    const container = {
      name: "alertmanager",
      image: args.image,
      args: [
        "--config.file=/etc/alertmanager/config/alertmanager.yml",
        "--storage.path=/data",
        ...args.peers.map((peer) => `--cluster.peer=${peer}:9094`),
        // The second waits for the first this long before it speaks; a dead first must not cost the page its time.
        "--cluster.peer-timeout=5s",
        "--cluster.settle-timeout=10s",
        "--cluster.reconnect-timeout=5m",
      ],
      ports: [
        { name: "http", containerPort: 9093 },
        { name: "gossip", containerPort: 9094 },
      ],
      resources: bounded("20m", args.memory),
      readinessProbe: { httpGet: { path: "/-/ready", port: "http" }, periodSeconds: 2 },
      livenessProbe: { httpGet: { path: "/-/healthy", port: "http" }, periodSeconds: 10, failureThreshold: 6 },
      volumeMounts: [
        { name: "config", mountPath: "/etc/alertmanager/config" },
        { name: "secrets", mountPath: secretsFolder, readOnly: true },
        { name: "data", mountPath: "/data" },
      ],
    };
    // It doesn't watch its files, so a new config rolls the pods: one after the other, and nothing is lost meanwhile.
    const annotations = { "rampart.dev/config": createHash("sha256").update(args.config).digest("hex") };
    new k8s.apps.v1.StatefulSet(
      name,
      {
        metadata: { name: "alertmanager", namespace: args.namespace, labels, annotations: awaitedByNobody },
        spec: {
          serviceName: "alertmanager",
          replicas: args.peers.length,
          podManagementPolicy: "Parallel",
          selector: { matchLabels: labels },
          volumeClaimTemplates: claims,
          template: {
            metadata: { labels, annotations },
            spec: lockedPod(container, {
              automountServiceAccountToken: false,
              ...apart(labels),
              volumes: [
                { name: "config", configMap: { name: configName } },
                { name: "secrets", secret: { secretName } },
                ...volumes,
              ],
            }),
          },
        },
      },
      { parent: this, dependsOn: [...files] },
    );
  }
}
