import { z } from "zod";
import type { Plan } from "../plan/model.ts";
import { checkValue, unknownKeys } from "./check-value.ts";
import type { Layer } from "./model.ts";
import type { Problem } from "./problem.ts";
import { isRecord } from "./scan.ts";
import { artifactHelp, imageByDigest } from "./schema.ts";

const words = (pattern: RegExp, help: string) => z.string().max(300).regex(pattern, `expected ${help}`);
const name = words(/^[a-z0-9][a-z0-9-]*$/, "lower-case letters, digits and dashes");
const channel = words(/^#[a-z0-9_-]+$/, "a channel like #alerts");
const address = words(/^[^\s@]+@[^\s@]+$/, "an address like name@example.com");
const size = words(/^[1-9]\d*(Mi|Gi|Ti)$/, "a size like 20Gi");
const storage = z.strictObject({ size, className: name.optional() });
const image = words(imageByDigest, artifactHelp.image);
const hostPort = words(/^[^\s:]+:\d+$/, "a host with its port");
const place = z.strictObject({ namespace: name, app: name, port: z.int().min(1).max(65535) });
const days = z.templateLiteral([z.int().min(1).max(3650), "d"]);

/** What is watched with, and who is called. A part without an image isn't there. */
export const monitoringSchema = z.strictObject({
  images: z
    .strictObject({
      prometheus: image,
      alertmanager: image,
      nodeExporter: image.optional(),
      kubeStateMetrics: image.optional(),
      blackboxExporter: image.optional(),
      grafana: image.optional(),
      analyzer: image.optional(),
    })
    .optional(),
  operator: z
    .strictObject({
      prometheusNamespace: name,
      labels: z.record(z.string().max(100), z.string().max(100)),
      kubeStateMetrics: place.optional(),
      nodeExporter: place.optional(),
      blackboxExporter: z
        .strictObject({ address: hostPort, module: words(/^\w+$/, "a name like http_2xx") })
        .optional(),
    })
    .optional()
    .describe("Instead of images: rules and scrapes as objects of the Prometheus operator that the cluster has"),
  runbookUrl: words(/^\S*[^\s/]$/, "an address without a slash at its end").describe(
    "Where docs/runbooks/ can be read",
  ),
  gateway: place
    .optional()
    .describe("Pods of the proxy: their namespace, their label `app`, the port with their statistics"),
  probes: z
    .record(z.string(), words(/^https?:\/\/\S+$/, "an address like https://wdbx.example.com/"))
    .optional()
    .describe("What the blackbox exporter asks, by system; the address that users have"),
  receivers: z
    .strictObject({
      slack: z.strictObject({ critical: channel, warnings: channel, rollout: channel }).optional(),
      pagerduty: z.literal(true).optional(),
      email: z
        .strictObject({
          to: address,
          from: address,
          smarthost: hostPort,
          username: z.string(),
        })
        .optional(),
      webhook: z.literal(true).optional(),
      heartbeat: z.literal(true).optional(),
      systems: z
        .record(z.string(), z.strictObject({ pagerduty: name.optional(), slack: channel.optional() }))
        .optional(),
    })
    .optional()
    .describe("Who is called; addresses and keys are secrets of their own"),
  retention: z
    .strictObject({ time: words(/^[1-9]\d*d$/, "days like 35d"), size: words(/^[1-9]\d*[MG]B$/, "a size like 20GB") })
    .optional()
    .describe("How long, and how much at most, is kept"),
  storage: z
    .strictObject({ prometheus: storage, alertmanager: storage })
    .optional()
    .describe("Claims of each replica; without them, what was measured is lost with the pods"),
  traces: z
    .strictObject({ collector: image, jaeger: image, keep: days, storage: storage.optional() })
    .optional()
    .describe("An OpenTelemetry collector that systems send spans to, and Jaeger, which keeps them for days"),
  logs: z
    .strictObject({ collector: image, loki: image, keep: days, storage: storage.optional() })
    .optional()
    .describe(
      "An OpenTelemetry collector on each node that reads what containers say, and Loki, which keeps it for days",
    ),
});

export type MonitoringConfig = z.infer<typeof monitoringSchema>;

export function parseMonitoring(
  value: unknown,
  layer: Layer | undefined,
  plans: readonly Plan[],
): { value?: MonitoringConfig; problems: Problem[] } {
  const path = ["rampart:monitoring"];
  if (layer === "systems") {
    return { problems: [{ path, message: "belongs into the platform layer's stack file, this one is the systems'" }] };
  }
  const { value: config, problems } = checkValue(monitoringSchema, value, path);
  const systems = plans.map(({ system }) => system);
  const own = isRecord(value) && isRecord(value.receivers) ? value.receivers.systems : undefined;
  const all = [
    ...problems,
    ...unknownKeys(own, systems, [...path, "receivers", "systems"]),
    ...unknownKeys(isRecord(value) ? value.probes : undefined, systems, [...path, "probes"]),
    ...(config ? betweenKeys(config, path) : []),
  ];
  return all.length === 0 && config ? { value: config, problems: [] } : { problems: all };
}

function betweenKeys({ images, operator, probes, ...rest }: MonitoringConfig, path: readonly string[]): Problem[] {
  const at = (key: string, message: string): Problem => ({ path: [...path, key], message });
  if (operator) {
    const stray = Object.entries({ images, ...rest, runbookUrl: undefined, gateway: undefined });
    return [
      ...stray.flatMap(([key, value]) =>
        value === undefined ? [] : [at(key, "has no place beside operator: that Prometheus is somebody else's")],
      ),
      ...(probes && !operator.blackboxExporter
        ? [at("probes", "need operator.blackboxExporter: nobody else asks from outside")]
        : []),
    ];
  }
  return [
    ...(images ? [] : [at("images", "is missing; write prometheus and alertmanager, or operator instead of it")]),
    ...(rest.receivers ? [] : [at("receivers", "is missing; {} calls nobody")]),
    ...(probes && images && !images.blackboxExporter
      ? [at("probes", "need images.blackboxExporter: nobody else asks from outside")]
      : []),
  ];
}
