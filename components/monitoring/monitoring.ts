import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { alertmanagerConfig, type Receivers, secretsNeeded } from "../../rollout/monitoring/alertmanager-config.ts";
import { dashboards } from "../../rollout/monitoring/dashboards/dashboards.ts";
import { render } from "../../rollout/monitoring/dashboards/panel.ts";
import { planRules } from "../../rollout/monitoring/plan-rules.ts";
import { platformRules } from "../../rollout/monitoring/platform-rules.ts";
import { prometheusConfig, type ScrapeOptions } from "../../rollout/monitoring/prometheus-config.ts";
import type { Plan, PlanEnvironment } from "../../rollout/plan/model.ts";
import { Alertmanager, secretsFolder } from "./alertmanager.ts";
import { Grafana } from "./grafana.ts";
import type { Storage } from "./pod.ts";
import { Prometheus } from "./prometheus.ts";

export interface MonitoringArgs {
  /** It is made here; nothing else belongs into it. */
  readonly namespace: string;
  readonly environment: PlanEnvironment;
  readonly plans: readonly Plan[];
  /** Namespaces of the systems; they have the systems' names, and are there before. */
  readonly systems: readonly pulumi.Input<string>[];
  readonly images: { readonly prometheus: string; readonly alertmanager: string };
  readonly receivers: Omit<Receivers, "secrets">;
  /** A secret of the config: `slack`, `pagerduty`, `smtp`, `webhook`, `heartbeat`, as far as the receivers use them. */
  readonly secrets: pulumi.Output<Readonly<Record<string, string>>>;
  readonly gateway?: ScrapeOptions["gateway"];
  readonly analyzer?: ScrapeOptions["analyzer"];
  /** Where docs/runbooks/ can be read. */
  readonly runbookUrl: string;
  readonly retention?: ScrapeOptions["retention"];
  /** Off where no image of it can be had; the dashboards are checked all the same. */
  readonly grafana?: { readonly image: string; readonly adminPassword: pulumi.Output<string> };
  /** Without it, what was measured is lost with the pods. */
  readonly storage?: { readonly prometheus: Storage; readonly alertmanager: Storage };
  readonly memory?: { readonly prometheus: string; readonly alertmanager: string };
}

const replicas = [0, 1];

/** Who measures, who judges and who calls: rules, routes and scrapes all follow from the plans. */
export class Monitoring extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:Monitoring";
  /** Each answers queries by itself; whoever asks asks both. */
  readonly prometheusUrls: readonly string[];

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Monitoring.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const names = (what: string) => replicas.map((index) => `${what}-${index}.${what}.${args.namespace}.svc`);
    this.prometheusUrls = names("prometheus").map((host) => `http://${host}:9090`);
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
      parent,
    ).metadata.name;
    const { plans, gateway, analyzer, retention = { time: "35d", size: "20GB" } } = args;
    const { prometheus: measuring, alertmanager: calling } = args.memory ?? {
      prometheus: "512Mi",
      alertmanager: "64Mi",
    };

    new Alertmanager(
      `${name}-alertmanager`,
      {
        namespace,
        image: args.images.alertmanager,
        peers: names("alertmanager"),
        ...(args.storage && { storage: args.storage.alertmanager }),
        memory: calling,
        config: stringify(alertmanagerConfig(plans, { ...args.receivers, secrets: secretsFolder })),
        secrets: args.secrets.apply((given) => complete(given, secretsNeeded(args.receivers))),
      },
      parent,
    );
    const options = { environment: args.environment, runbookUrl: args.runbookUrl };
    const ofPlatform = { ...options, analyzer: analyzer !== undefined, alertmanagers: replicas.length };
    const rules = plans.map((plan) => [plan.system, stringify({ groups: planRules(plan, options) })]);
    new Prometheus(
      `${name}-prometheus`,
      {
        namespace,
        image: args.images.prometheus,
        replicas: replicas.length,
        ...(args.storage && { storage: args.storage.prometheus }),
        memory: measuring,
        config: stringify(
          prometheusConfig({
            environment: args.environment,
            systems: plans,
            alertmanagers: names("alertmanager").map((host) => `${host}:9093`),
            prometheuses: names("prometheus").map((host) => `${host}:9090`),
            retention,
            ...(gateway && { gateway }),
            ...(analyzer && { analyzer }),
          }),
        ),
        rules: { ...Object.fromEntries(rules), platform: stringify({ groups: platformRules(ofPlatform) }) },
        watches: [...args.systems, ...[gateway, analyzer].flatMap((place) => (place ? [place.namespace] : []))],
      },
      parent,
    );
    if (args.grafana) {
      const drawn = dashboards(plans).map((one) => [one.uid, JSON.stringify(render(one))]);
      const { prometheusUrls } = this;
      new Grafana(
        `${name}-grafana`,
        { namespace, ...args.grafana, prometheusUrls, dashboards: Object.fromEntries(drawn) },
        parent,
      );
    }
    this.openNetwork(name, namespace, args);
    this.registerOutputs({ prometheusUrls: this.prometheusUrls });
  }

  /** Systems let nobody in but the gateway; the pods here let in each other and the analyzer. */
  private openNetwork(
    name: string,
    namespace: pulumi.Input<string>,
    { systems, analyzer, ...args }: MonitoringArgs,
  ): void {
    const from = (space: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": space } },
    });
    for (const [index, system] of systems.entries()) {
      new k8s.networking.v1.NetworkPolicy(
        `${name}-scrapes-${index}`,
        {
          metadata: { name: "allow-monitoring", namespace: system },
          spec: {
            podSelector: { matchExpressions: [{ key: "rampart.dev/track", operator: "Exists" }] },
            policyTypes: ["Ingress"],
            ingress: [{ from: [from(args.namespace)], ports: [{ port: "health", protocol: "TCP" }] }],
          },
        },
        { parent: this },
      );
    }
    new k8s.networking.v1.NetworkPolicy(
      `${name}-inside`,
      {
        metadata: { name: "inside-and-analyzer", namespace },
        spec: {
          podSelector: {},
          policyTypes: ["Ingress"],
          ingress: [{ from: [{ podSelector: {} }, ...(analyzer ? [from(analyzer.namespace)] : [])] }],
        },
      },
      { parent: this },
    );
  }
}

function complete(
  given: Readonly<Record<string, string>>,
  needed: readonly string[],
): Readonly<Record<string, string>> {
  const missing = needed.filter((name) => !given[name]);
  if (missing.length === 0) return given;
  throw new Error(
    `monitoring: the secrets of the receivers lack ${missing.join(", ")}; needed are ${needed.join(", ")}; ` +
      "set them as secrets of the stack's config",
  );
}
