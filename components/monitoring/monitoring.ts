import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import { type Environment, planEnvironment } from "../../rollout/config/model.ts";
import { alertmanagerConfig, type Receivers, secretsNeeded } from "../../rollout/monitoring/alertmanager-config.ts";
import { dashboards } from "../../rollout/monitoring/dashboards/dashboards.ts";
import { prometheusConfig, type ScrapeOptions } from "../../rollout/monitoring/prometheus-config.ts";
import { ruleFiles } from "../../rollout/monitoring/rule-files.ts";
import type { Duration } from "../../rollout/plan/duration.ts";
import type { Plan } from "../../rollout/plan/model.ts";
import { Alertmanager, secretsFolder } from "./alertmanager.ts";
import { NodeMetrics } from "./exporters/node-metrics.ts";
import { ObjectMetrics } from "./exporters/object-metrics.ts";
import { Probes } from "./exporters/probes.ts";
import { Grafana } from "./grafana.ts";
import { openNetwork } from "./network.ts";
import type { Storage } from "./pod.ts";
import { Prometheus } from "./prometheus.ts";
import { Logs } from "./telemetry/logs.ts";
import { Traces } from "./telemetry/traces.ts";

export interface Images {
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly nodeExporter?: string;
  readonly kubeStateMetrics?: string;
  readonly blackboxExporter?: string;
  readonly grafana?: string;
}

/** What an OpenTelemetry collector gathers, and how long it is kept. */
interface Kept {
  /** Its image; one with the contributed parts. */
  readonly collector: string;
  readonly keep: Duration;
  readonly storage?: Storage;
}

export interface MonitoringArgs {
  /** It is made here; nothing else belongs into it. */
  readonly namespace: string;
  readonly environment: Environment;
  readonly plans: readonly Plan[];
  /** Namespaces of the systems; they have the systems' names, and are there before. */
  readonly systems: Readonly<Record<string, pulumi.Input<string>>>;
  /** What has an image is there. The dashboards are checked also where no Grafana can be had. */
  readonly images: Images;
  readonly receivers: Omit<Receivers, "secrets">;
  /** `slack`, `pagerduty`, `smtp`, `webhook`, `heartbeat`, as far as the receivers use them; `grafana` for its admin. */
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  readonly gateway?: ScrapeOptions["gateway"];
  readonly analyzer?: ScrapeOptions["analyzer"];
  /** Addresses that users have, by system; the blackbox exporter asks them. */
  readonly probes?: Readonly<Record<string, string>>;
  /** Where docs/runbooks/ can be read. */
  readonly runbookUrl: string;
  readonly retention?: ScrapeOptions["retention"];
  /** Without it, what was measured is lost with the pods. */
  readonly storage?: { readonly prometheus: Storage; readonly alertmanager: Storage };
  readonly memory?: { readonly prometheus: string; readonly alertmanager: string };
  readonly traces?: Kept & { readonly jaeger: string };
  readonly logs?: Kept & { readonly loki: string };
}

const replicas = [0, 1];

/** Who measures, who judges and who calls: rules, routes and scrapes all follow from the plans. */
export class Monitoring extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:Monitoring";
  /** Each answers queries by itself; whoever asks asks both. */
  readonly prometheusUrls: readonly string[];

  constructor(name: string, args: MonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Monitoring.__pulumiType, name, args, opts);
    this.prometheusUrls = hosts("prometheus", args).map((host) => `http://${host}`);
    const level = "restricted";
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: args.namespace,
          labels: { "pod-security.kubernetes.io/enforce": level, "pod-security.kubernetes.io/warn": level },
        },
      },
      { parent: this },
    ).metadata.name;
    openNetwork(name, { ...args, space: args.namespace, namespace }, { parent: this });
    this.export(name, namespace, args);
    this.call(name, namespace, args);
    this.measure(name, namespace, args);
    this.gather(name, namespace, args);
    this.draw(name, namespace, args);
    this.registerOutputs({ prometheusUrls: this.prometheusUrls });
  }

  private call(name: string, namespace: pulumi.Input<string>, args: MonitoringArgs): void {
    new Alertmanager(
      `${name}-alertmanager`,
      {
        namespace,
        image: args.images.alertmanager,
        peers: replicas.map((index) => `alertmanager-${index}.alertmanager.${args.namespace}.svc`),
        ...(args.storage && { storage: args.storage.alertmanager }),
        memory: args.memory?.alertmanager ?? "64Mi",
        config: stringify(alertmanagerConfig(args.plans, { ...args.receivers, secrets: secretsFolder })),
        secrets: theirs(args.secrets, secretsNeeded(args.receivers)),
      },
      { parent: this },
    );
  }

  private measure(name: string, namespace: pulumi.Input<string>, args: MonitoringArgs): void {
    const { plans, images, gateway, analyzer, runbookUrl } = args;
    const rules = ruleFiles(plans, {
      environment: planEnvironment(args.environment),
      runbookUrl,
      analyzer: analyzer !== undefined,
      alertmanagers: replicas.length,
      objects: images.kubeStateMetrics !== undefined,
      nodes: images.nodeExporter !== undefined,
      probed: Object.keys(probed(args)),
    });
    const config = prometheusConfig({
      environment: args.environment,
      systems: plans,
      alertmanagers: hosts("alertmanager", args),
      prometheuses: hosts("prometheus", args),
      retention: args.retention ?? { time: "35d", size: "20GB" },
      ...(gateway && { gateway }),
      ...(analyzer && { analyzer }),
      ...(images.nodeExporter && { nodes: args.namespace }),
      ...(images.kubeStateMetrics && { objects: args.namespace }),
      ...(images.blackboxExporter && {
        probes: { exporter: `blackbox-exporter.${args.namespace}.svc:9115`, urls: probed(args) },
      }),
    });
    const elsewhere = [gateway, analyzer].flatMap((place) => (place ? [[place.namespace, place.namespace]] : []));
    new Prometheus(
      `${name}-prometheus`,
      {
        namespace,
        image: images.prometheus,
        replicas: replicas.length,
        ...(args.storage && { storage: args.storage.prometheus }),
        memory: args.memory?.prometheus ?? "512Mi",
        config: stringify(config),
        rules: Object.fromEntries(Object.entries(rules).map(([file, groups]) => [file, stringify({ groups })])),
        watches: { ...args.systems, [args.namespace]: namespace, ...Object.fromEntries(elsewhere) },
      },
      { parent: this },
    );
  }

  private export(name: string, namespace: pulumi.Input<string>, { images, systems }: MonitoringArgs): void {
    const { nodeExporter, kubeStateMetrics, blackboxExporter } = images;
    const parent = { parent: this };
    if (nodeExporter) new NodeMetrics(`${name}-nodes`, { namespace, image: nodeExporter }, parent);
    if (blackboxExporter) new Probes(`${name}-probes`, { namespace, image: blackboxExporter }, parent);
    if (kubeStateMetrics) {
      new ObjectMetrics(`${name}-objects`, { namespace, image: kubeStateMetrics, watches: systems }, parent);
    }
  }

  private gather(name: string, namespace: pulumi.Input<string>, { traces, logs, ...args }: MonitoringArgs): void {
    const common = { environment: args.environment, systems: args.plans.map(({ system }) => system), namespace };
    const parent = { parent: this };
    const space = args.namespace;
    if (traces) {
      const { collector, jaeger, ...rest } = traces;
      const images = { collector, jaeger };
      new Traces(`${name}-traces`, { ...common, ...rest, space, namespaces: args.systems, images }, parent);
    }
    if (logs) {
      const { collector, loki, ...rest } = logs;
      new Logs(`${name}-logs`, { ...common, ...rest, space, images: { collector, loki } }, parent);
    }
  }

  private draw(name: string, namespace: pulumi.Input<string>, args: MonitoringArgs): void {
    const { images, plans, secrets, traces, logs } = args;
    if (!images.grafana) return;
    // Grafana's SDK takes a quarter of a second to load, so only who has a Grafana loads it.
    const sdk = pulumi.output(import("../../rollout/monitoring/dashboards/render.ts"));
    const drawn = dashboards(plans).map((one) => [one.uid, sdk.apply(({ render }) => JSON.stringify(render(one)))]);
    new Grafana(
      `${name}-grafana`,
      {
        namespace,
        image: images.grafana,
        adminPassword: theirs(secrets, ["grafana"]).grafana!,
        prometheusUrls: this.prometheusUrls,
        ...(traces && { jaegerUrl: `http://jaeger.${args.namespace}.svc:16686` }),
        ...(logs && { lokiUrl: `http://loki.${args.namespace}.svc:3100` }),
        dashboards: Object.fromEntries(drawn),
      },
      { parent: this },
    );
  }
}

const ports = { prometheus: 9090, alertmanager: 9093 };

/** Each replica by its own name: a Service in front of them would answer from either. */
const hosts = (what: keyof typeof ports, { namespace }: MonitoringArgs): string[] =>
  replicas.map((index) => `${what}-${index}.${what}.${namespace}.svc:${ports[what]}`);

/** What has to answer somebody outside of it. */
const probed = ({ probes, images, namespace }: MonitoringArgs): Readonly<Record<string, string>> => ({
  ...probes,
  ...(images.grafana && images.blackboxExporter && { grafana: `http://grafana.${namespace}.svc:3000/api/health` }),
});

/** Those of the secrets that somebody needs. */
function theirs(given: MonitoringArgs["secrets"], needed: readonly string[]): MonitoringArgs["secrets"] {
  const missing = needed.filter((name) => !given[name]);
  if (missing.length === 0) return Object.fromEntries(needed.map((name) => [name, given[name]!]));
  throw new Error(
    `monitoring: the secrets of the receivers lack ${missing.join(", ")}; needed are ${needed.join(", ")}; ` +
      "set them as secrets of the stack's config",
  );
}
