import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { asked, awaitedByNobody, bounded, lockedPod } from "./pod.ts";

export interface GrafanaArgs {
  readonly namespace: pulumi.Input<string>;
  readonly image: string;
  /** A secret of the config. */
  readonly adminPassword: pulumi.Output<string>;
  /** Each Prometheus by itself: one that has just started knows less than the other. */
  readonly prometheusUrls: readonly string[];
  readonly jaegerUrl?: string;
  readonly lokiUrl?: string;
  /** Their JSON by the name of their file. */
  readonly dashboards: Readonly<Record<string, pulumi.Input<string>>>;
}

const labels = { "app.kubernetes.io/name": "grafana", "app.kubernetes.io/part-of": "rampart" };
const home = "/var/lib/grafana";

/** Pictures of what is measured; nothing is kept in it, so nothing is lost with it. */
export class Grafana extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:Grafana";

  constructor(name: string, args: GrafanaArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Grafana.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { namespace } = args;
    const metadata = { name: "grafana", namespace, labels };
    // Plain names, not outputs: a ConfigMap that is replaced would take the pod with it.
    const files: pulumi.Resource[] = [];
    const text = (of: string, data: Record<string, pulumi.Input<string>>): string => {
      const fullName = `grafana-${of}`;
      const file = { metadata: { ...metadata, name: fullName }, data };
      files.push(new k8s.core.v1.ConfigMap(`${name}-${of}`, file, parent));
      return fullName;
    };
    files.push(
      new k8s.core.v1.Secret(
        `${name}-admin`,
        {
          metadata: { ...metadata, name: "grafana-admin" },
          stringData: { password: pulumi.secret(args.adminPassword) },
        },
        parent,
      ),
    );
    const provider = { name: "rampart", type: "file", disableDeletion: true, options: { path: `${home}/dashboards` } };
    const source = (type: string, uid: string, title: string, url: string, isDefault = false) => ({
      name: title,
      uid,
      type,
      access: "proxy",
      url,
      isDefault,
    });
    const sources = [
      ...args.prometheusUrls.map((url, at) =>
        source("prometheus", `prometheus-${at}`, `Prometheus ${at}`, url, at === 0),
      ),
      ...(args.jaegerUrl ? [source("jaeger", "traces", "Traces", args.jaegerUrl)] : []),
      ...(args.lokiUrl ? [source("loki", "logs", "Logs", args.lokiUrl)] : []),
    ];
    // One ConfigMap each: together they would be larger than an object may be.
    const dashboards = Object.entries(args.dashboards).map(([uid, json]) => ({
      configMap: { name: text(`dashboard-${uid}`, { [`${uid}.json`]: json }) },
    }));
    const volumes = [
      { name: "data", emptyDir: {} },
      { name: "admin", secret: { secretName: "grafana-admin" } },
      {
        name: "sources",
        configMap: { name: text("sources", { "sources.yaml": stringify({ datasources: sources }) }) },
      },
      {
        name: "providers",
        configMap: { name: text("providers", { "rampart.yaml": stringify({ providers: [provider] }) }) },
      },
      { name: "dashboards", projected: { sources: dashboards } },
    ];
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { ...metadata, annotations: awaitedByNobody },
        spec: { selector: labels, ports: [{ name: "http", port: 3000 }] },
      },
      parent,
    );
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata: { ...metadata, annotations: awaitedByNobody },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: lockedPod(container(args.image), { automountServiceAccountToken: false, volumes }),
          },
        },
      },
      { ...parent, dependsOn: files },
    );
    this.registerOutputs();
  }
}

const container = (image: string) => ({
  name: "grafana",
  image,
  env: Object.entries({
    GF_SECURITY_ADMIN_PASSWORD__FILE: "/etc/grafana-admin/password",
    GF_PATHS_DATA: `${home}/data`,
    GF_ANALYTICS_REPORTING_ENABLED: "false",
    GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
  }).map(([name, value]) => ({ name, value })),
  ports: [{ name: "http", containerPort: 3000 }],
  resources: bounded("50m", "256Mi"),
  ...asked("/api/health", "http"),
  volumeMounts: [
    { name: "data", mountPath: `${home}/data` },
    { name: "admin", mountPath: "/etc/grafana-admin", readOnly: true },
    { name: "sources", mountPath: "/etc/grafana/provisioning/datasources" },
    { name: "providers", mountPath: "/etc/grafana/provisioning/dashboards" },
    { name: "dashboards", mountPath: `${home}/dashboards` },
  ],
});
