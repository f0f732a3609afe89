// What the monitoring is tried on: a canary of every system, somebody who asks it, and the program that deploys.
import { join } from "node:path";
import { servedGateway } from "../../../local/cluster/addons/gateway.ts";
import type { Cluster } from "../../../local/cluster/cluster.ts";
import { root } from "../../../local/paths.ts";
import type { SystemName } from "../../../rollout/plan/systems.ts";
import { plans } from "../../../stacks/systems/plans.ts";
import { openGateway } from "../../support/gateway.ts";

export const monitoring = "monitoring-test";
export const systems = plans.map(({ system }) => system);

/** The way of the requests through the proxy. */
export const routed = (system: SystemName): { metadata: object }[] => [
  openGateway,
  {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { namespace: system, name: system },
    spec: {
      parentRefs: [servedGateway],
      hostnames: [`${system}.example.com`],
      rules: [{ backendRefs: [{ name: `${system}-canary`, port: 80 }] }],
    },
  } as { metadata: object },
];

export const namespace = (name: string) => ({ apiVersion: "v1", kind: "Namespace", metadata: { name } });

export function program(
  cluster: Cluster,
  images: ReadonlyMap<string, string>,
  runbookUrl = "https://example.com/docs/runbooks",
): string {
  const from = (path: string) => JSON.stringify(join(root, path));
  return `
import * as pulumi from "@pulumi/pulumi";
import { Monitoring } from ${from("components/monitoring/monitoring.ts")};
import { plans } from ${from("stacks/systems/plans.ts")};
new Monitoring("monitoring", {
  namespace: "${monitoring}",
  environment: "production",
  plans,
  systems: ${JSON.stringify(Object.fromEntries(systems.map((system) => [system, system])))},
  images: {
    prometheus: "${images.get("prometheus")}",
    alertmanager: "${images.get("alertmanager")}",
    nodeExporter: "${images.get("node-exporter")}",
  },
  gateway: { namespace: "projectcontour", app: "envoy", port: 8002 },
  receivers: { webhook: true },
  secrets: { webhook: pulumi.secret("http://${cluster.address}:9999/") },
  runbookUrl: "${runbookUrl}",
});
`;
}

/** The same with what comes from registries: such pods would never start, but the API server has to take them. */
export function everyPart(...args: Parameters<typeof program>): string {
  const others = ["kubeStateMetrics", "blackboxExporter", "grafana"].map(
    (one) => `${one}: "registry.example/${one}:1"`,
  );
  const kept = (store: string) =>
    `{ collector: "registry.example/collector:1", ${store}: "registry.example/x:1", keep: "7d" }`;
  return program(...args)
    .replace("images: {", `images: { ${others.join(", ")},`)
    .replace("secrets: {", 'secrets: { grafana: pulumi.secret("for-the-test"),')
    .replace(
      "receivers:",
      `probes: { wdbx: "http://wdbx.example.com/" }, traces: ${kept("jaeger")}, logs: ${kept("loki")}, receivers:`,
    );
}

/** A canary with the labels and ports that the real one has, and somebody who asks it twenty times a second. */
export function simulated(system: SystemName, images: ReadonlyMap<string, string>): { metadata: object }[] {
  const labels = { "app.kubernetes.io/name": system, "rampart.dev/track": "canary", "rampart.dev/revision": "tested" };
  const name = `${system}-canary`;
  const app = {
    name: "app",
    image: images.get("simulator:1.0.0"),
    env: Object.entries({ SYSTEM: system, TRACK: "canary" }).map(([key, value]) => ({ name: key, value })),
    ports: [
      { name: "http", containerPort: 8080 },
      { name: "health", containerPort: 9090 },
    ],
    readinessProbe: { httpGet: { path: "/readyz", port: "health" }, periodSeconds: 1 },
  };
  const target =
    system === "wdbx" ? ["-host", "wdbx.example.com", "http://envoy.projectcontour/"] : [`http://${name}/`];
  const load = { name: "load", image: images.get("load"), args: ["-rate", "20", ...target] };
  const deployment = (of: string, podLabels: object, container: object) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: of, namespace: system },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: podLabels },
      template: {
        metadata: { labels: podLabels },
        spec: { terminationGracePeriodSeconds: 1, containers: [container] },
      },
    },
  });
  return [
    deployment(name, labels, app),
    deployment("load", { app: "load" }, load),
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name, namespace: system },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    } as { metadata: object },
  ];
}
