import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apart, awaitedByNobody, bounded, dataVolume, lockedPod, type Storage } from "./pod.ts";
import { Watches } from "./watches.ts";

export interface PrometheusArgs {
  readonly namespace: pulumi.Input<string>;
  readonly image: string;
  readonly replicas: number;
  readonly storage?: Storage;
  readonly memory: string;
  /** The text of prometheus.yml. */
  readonly config: string;
  /** Texts of rule files by a name that Kubernetes takes too. */
  readonly rules: Readonly<Record<string, string>>;
  /** Namespaces, by their names, where it may look for pods; it reads nothing else of the cluster. */
  readonly watches: Readonly<Record<string, pulumi.Input<string>>>;
}

const labels = { "app.kubernetes.io/name": "prometheus", "app.kubernetes.io/part-of": "rampart" };

const configName = "prometheus-config";
const rulesName = (file: string): string => `prometheus-rules-${file}`;

/** Replicas that measure and judge the same, so that one may be lost without a moment of blindness. */
export class Prometheus extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:Prometheus";

  constructor(name: string, args: PrometheusArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Prometheus.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { namespace } = args;
    const metadata = { name: "prometheus", namespace, labels };
    const resources = [{ apiGroup: "", resources: ["pods"] }];
    new Watches(name, { who: "prometheus", namespace, labels, resources, namespaces: args.watches }, parent);
    const config = this.text(`${name}-config`, namespace, configName, { "prometheus.yml": args.config });
    const rules = Object.entries(args.rules).map(([file, text]) =>
      this.text(`${name}-rules-${file}`, namespace, rulesName(file), { [`${file}.yml`]: text }),
    );
    // Alertmanager and people name the replicas one by one: a Service in front would answer from either.
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: awaitedByNobody },
        spec: { clusterIP: "None", selector: labels, ports: [{ name: "http", port: 9090 }] },
      },
      parent,
    );
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: labels } } },
      parent,
    );
    this.run(name, args, [config, ...rules]);
    this.registerOutputs();
  }

  /**
   * Fixed names and no hash in the template: a new text reaches the pods, and Prometheus takes it up as it runs. What
   * mounts it knows the plain name, not the output: a ConfigMap that is replaced would take the pods with it.
   */
  private text(name: string, namespace: pulumi.Input<string>, fullName: string, data: Record<string, string>) {
    return new k8s.core.v1.ConfigMap(name, { metadata: { name: fullName, namespace, labels }, data }, { parent: this });
  }

  private run(name: string, args: PrometheusArgs, texts: readonly k8s.core.v1.ConfigMap[]): void {
    const { volumes, claims } = dataVolume(args.storage);
    const container = {
      name: "prometheus",
      image: args.image,
      args: [
        "--config.file=/etc/prometheus/config/prometheus.yml",
        "--config.auto-reload",
        "--config.auto-reload-interval=5s",
        // A canary's first pod is looked at as soon as it is there.
        "--scrape.discovery-reload-interval=1s",
        "--storage.tsdb.path=/data",
      ],
      env: [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
      ports: [{ name: "http", containerPort: 9090 }],
      resources: bounded("100m", args.memory, args.storage ? "1Gi" : "25Gi"),
      // Reading back the log of a long time may take minutes; whoever is killed meanwhile starts over.
      startupProbe: { httpGet: { path: "/-/ready", port: "http" }, periodSeconds: 1, failureThreshold: 900 },
      readinessProbe: { httpGet: { path: "/-/ready", port: "http" }, periodSeconds: 2 },
      livenessProbe: { httpGet: { path: "/-/healthy", port: "http" }, periodSeconds: 10, failureThreshold: 6 },
      volumeMounts: [
        { name: "config", mountPath: "/etc/prometheus/config" },
        { name: "rules", mountPath: "/etc/prometheus/rules" },
        { name: "data", mountPath: "/data" },
      ],
    };
    const sources = Object.keys(args.rules).map((file) => ({ configMap: { name: rulesName(file) } }));
    new k8s.apps.v1.StatefulSet(
      name,
      {
        metadata: { name: "prometheus", namespace: args.namespace, labels, annotations: awaitedByNobody },
        spec: {
          serviceName: "prometheus",
          replicas: args.replicas,
          podManagementPolicy: "Parallel",
          selector: { matchLabels: labels },
          volumeClaimTemplates: claims,
          template: {
            metadata: { labels },
            spec: lockedPod(container, {
              serviceAccountName: "prometheus",
              automountServiceAccountToken: true,
              ...apart(labels),
              volumes: [
                { name: "config", configMap: { name: configName } },
                { name: "rules", projected: { sources } },
                ...volumes,
              ],
            }),
          },
        },
      },
      { parent: this, dependsOn: [...texts] },
    );
  }
}
