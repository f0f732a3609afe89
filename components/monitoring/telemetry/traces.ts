import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { stringify } from "yaml";
import {
  jaegerConfig,
  otlp,
  type TelemetryOptions,
  traceCollectorConfig,
} from "../../../rollout/monitoring/telemetry.ts";
import type { Duration } from "../../../rollout/plan/duration.ts";
import { part } from "../part.ts";
import type { Storage } from "../pod.ts";
import { collectorAccount } from "./collector-account.ts";

export interface TracesArgs extends TelemetryOptions {
  /** As it is called, and as it is known once it is there. */
  readonly space: string;
  readonly namespace: pulumi.Input<string>;
  /** Of the systems, by their names. */
  readonly namespaces: Readonly<Record<string, pulumi.Input<string>>>;
  readonly images: { readonly collector: string; readonly jaeger: string };
  readonly keep: Duration;
  readonly storage?: Storage;
}

const who = "trace-collector";

/** Where the systems send their spans, and where they are kept and asked for. */
export class Traces extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:Traces";

  constructor(name: string, args: TracesArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Traces.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { space, namespace, images } = args;
    collectorAccount(name, who, namespace, parent);
    const config = traceCollectorConfig(args, `jaeger.${space}.svc:${otlp.grpc}`);
    part(
      `${name}-collector`,
      {
        who,
        namespace,
        image: images.collector,
        args: [`--config=/etc/${who}/config.yaml`],
        ports: { "otlp-grpc": otlp.grpc, "otlp-http": otlp.http, health: 13133 },
        answers: { path: "/", port: "health" },
        cpu: "50m",
        memory: "256Mi",
        config: { file: "config.yaml", text: stringify(config) },
        account: who,
      },
      parent,
    );
    part(
      `${name}-jaeger`,
      {
        who: "jaeger",
        namespace,
        image: images.jaeger,
        args: ["--config=/etc/jaeger/config.yaml"],
        ports: { "otlp-grpc": otlp.grpc, http: 16686, health: 13133 },
        answers: { path: "/status", port: "health" },
        cpu: "50m",
        memory: "512Mi",
        config: { file: "config.yaml", text: stringify(jaegerConfig(args.keep)) },
        data: { ...(args.storage && { storage: args.storage }) },
      },
      parent,
    );
    this.letThemSend(name, args);
    this.registerOutputs();
  }

  /** Systems may ask nobody outside of themselves but DNS, and from now on the collector. */
  private letThemSend(name: string, { space, namespace, namespaces }: TracesArgs): void {
    const parent = { parent: this };
    const ports = Object.values(otlp).map((port) => ({ port, protocol: "TCP" }));
    const spaceOf = (system: pulumi.Input<string>) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": system } },
    });
    for (const [system, own] of Object.entries(namespaces)) {
      const spec = { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [spaceOf(space)], ports }] };
      const metadata = { name: "allow-traces", namespace: own };
      new k8s.networking.v1.NetworkPolicy(`${name}-sends-${system}`, { metadata, spec }, parent);
    }
    new k8s.networking.v1.NetworkPolicy(
      `${name}-takes`,
      {
        metadata: { name: `${who}-takes`, namespace },
        spec: {
          podSelector: { matchLabels: { "app.kubernetes.io/name": who } },
          policyTypes: ["Ingress", "Egress"],
          ingress: [{ from: Object.values(namespaces).map(spaceOf), ports }],
          egress: [{ ports: [443, 6443].map((port) => ({ port, protocol: "TCP" })) }],
        },
      },
      parent,
    );
  }
}
