import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { logCollectorConfig, lokiConfig, type TelemetryOptions } from "../../../rollout/monitoring/telemetry.ts";
import type { Duration } from "../../../rollout/plan/duration.ts";
import { labelsOf, part } from "../part.ts";
import { asked, awaitedByNobody, bounded, type Storage } from "../pod.ts";
import { collectorAccount } from "./collector-account.ts";

export interface LogsArgs extends TelemetryOptions {
  /** As it is called, and as it is known once it is there. */
  readonly space: string;
  readonly namespace: pulumi.Input<string>;
  readonly images: { readonly collector: string; readonly loki: string };
  readonly keep: Duration;
  readonly storage?: Storage;
}

const who = "log-collector";
const port = 3100;

/** What containers say: read on each node, kept in one place for a while. */
export class Logs extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:Logs";

  constructor(name: string, args: LogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Logs.__pulumiType, name, args, opts);
    part(
      `${name}-loki`,
      {
        who: "loki",
        namespace: args.namespace,
        image: args.images.loki,
        args: ["-config.file=/etc/loki/config.yaml"],
        ports: { http: port },
        answers: { path: "/ready", port: "http" },
        cpu: "50m",
        memory: "512Mi",
        config: { file: "config.yaml", text: stringify(lokiConfig(args.keep)) },
        data: { ...(args.storage && { storage: args.storage }) },
      },
      { parent: this },
    );
    this.read(name, args);
    this.registerOutputs();
  }

  /** The node's files are mounted, which pod security forbids everywhere but in a namespace that has nothing else. */
  private read(name: string, args: LogsArgs): void {
    const parent = { parent: this };
    const own = `${args.space}-logs`;
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: own, labels: { "pod-security.kubernetes.io/enforce": "privileged" } } },
      parent,
    ).metadata.name;
    collectorAccount(name, who, namespace, parent);
    const text = stringify(logCollectorConfig(args, `http://loki.${args.space}.svc:${port}`));
    const labels = labelsOf(who);
    const metadata = { name: who, namespace, labels, annotations: awaitedByNobody };
    const config = new k8s.core.v1.ConfigMap(`${name}-config`, { metadata, data: { "config.yaml": text } }, parent);
    this.open(name, args, own, namespace);
    const container = {
      name: who,
      image: args.images.collector,
      args: ["--config=/etc/collector/config.yaml"],
      // The files belong to root; nothing else of root's powers is left.
      securityContext: {
        runAsUser: 0,
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"], add: ["DAC_READ_SEARCH"] },
        seccompProfile: { type: "RuntimeDefault" },
      },
      resources: bounded("20m", "128Mi"),
      ...asked("/", 13133),
      volumeMounts: [
        { name: "config", mountPath: "/etc/collector" },
        { name: "pods", mountPath: "/var/log/pods", readOnly: true },
      ],
    };
    const annotations = { "rampart.dev/config": createHash("sha256").update(text).digest("hex") };
    new k8s.apps.v1.DaemonSet(
      name,
      {
        metadata,
        spec: {
          selector: { matchLabels: labels },
          template: {
            metadata: { labels, annotations },
            spec: {
              serviceAccountName: who,
              tolerations: [{ operator: "Exists" }],
              containers: [container],
              volumes: [
                { name: "config", configMap: { name: who } },
                { name: "pods", hostPath: { path: "/var/log/pods", type: "Directory" } },
              ],
            },
          },
        },
      },
      { ...parent, dependsOn: config },
    );
  }
  /** Nobody comes in; out it goes to Loki, to DNS and to the API server, which may be anywhere. */
  private open(name: string, args: LogsArgs, own: string, namespace: pulumi.Output<string>): void {
    const spaceOf = (space: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": space } },
    });
    const tcp = (...ports: number[]) => ports.map((one) => ({ port: one, protocol: "TCP" }));
    const policy = (role: string, space: pulumi.Input<string>, spec: k8s.types.input.networking.v1.NetworkPolicySpec) =>
      new k8s.networking.v1.NetworkPolicy(
        `${name}-${role}`,
        { metadata: { name: role, namespace: space }, spec },
        { parent: this },
      );
    policy("default-deny", namespace, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    policy("log-collector-sends", namespace, {
      podSelector: {},
      policyTypes: ["Egress"],
      egress: [
        { to: [spaceOf(args.space)], ports: tcp(port) },
        { to: [spaceOf("kube-system")], ports: [...tcp(53), { port: 53, protocol: "UDP" }] },
        { ports: tcp(443, 6443) },
      ],
    });
    policy("loki-takes", args.namespace, {
      podSelector: { matchLabels: { "app.kubernetes.io/name": "loki" } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [spaceOf(own)], ports: tcp(port) }],
    });
  }
}
