import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { toolPath } from "../../tools/tools.ts";
import { gatewayPort } from "../layout.ts";
import { clusterRoleBinding, configMap, deployment, namespace, resources, service, serviceAccount } from "./objects.ts";

const space = "projectcontour";

export const gatewayNamespace = namespace(space);

/** The one Gateway that this controller serves, whoever makes it. */
export const servedGateway = { namespace: "rampart-gateway", name: "gateway" };

/** The Gateway API, Contour's own kinds and its role, as Contour ships them. */
export async function gatewayManifests(): Promise<string> {
  const dir = dirname(await toolPath("contour"));
  const files = ["00-crds.yaml", "01-crds.yaml", "02-role-contour.yaml"];
  return (await Promise.all(files.map((file) => readFile(join(dir, file), "utf8")))).join("\n---\n");
}

const env = [
  { name: "CONTOUR_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
  { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
];

const contour = (image: string): object => ({
  serviceAccountName: "contour",
  containers: [
    {
      name: "contour",
      image,
      args: [
        ...["serve", "--incluster", "--insecure", "--disable-leader-election"],
        ...["--xds-address=0.0.0.0", "--xds-port=8001", "--http-address=0.0.0.0", "--config-path=/config/contour.yaml"],
      ],
      env,
      readinessProbe: { tcpSocket: { port: 8001 }, periodSeconds: 1 },
      resources: resources("100m", "256Mi"),
      volumeMounts: [{ name: "config", mountPath: "/config" }],
    },
  ],
  volumes: [{ name: "config", configMap: { name: "contour" } }],
});

const envoy = (image: string, contourImage: string): object => ({
  automountServiceAccountToken: false,
  initContainers: [
    {
      name: "bootstrap",
      image: contourImage,
      args: [
        ...["bootstrap", "/config/envoy.json", "--xds-address=contour", "--xds-port=8001"],
        ...["--xds-resource-version=v3", "--resources-dir=/config/resources"],
      ],
      env,
      volumeMounts: [{ name: "config", mountPath: "/config" }],
    },
  ],
  containers: [
    {
      name: "envoy",
      image,
      args: [
        ...["-c", "/config/envoy.json", "--service-cluster", "$(CONTOUR_NAMESPACE)", "--service-node", "$(POD_NAME)"],
        ...["--log-level", "warn", "--concurrency", "1"],
      ],
      env,
      ports: [{ name: "http", containerPort: 8080, hostPort: gatewayPort }],
      readinessProbe: { httpGet: { path: "/ready", port: 8002 }, periodSeconds: 1 },
      resources: resources("100m", "512Mi"),
      volumeMounts: [
        { name: "config", mountPath: "/config" },
        { name: "admin", mountPath: "/admin" },
      ],
    },
  ],
  volumes: [
    { name: "config", emptyDir: {} },
    { name: "admin", emptyDir: {} },
  ],
});

/** Contour steers one Envoy; its listeners appear once the Gateway that it serves is there. */
export function gateway(contourImage: string, envoyImage: string): object[] {
  const config = { gateway: { gatewayRef: servedGateway } };
  return [
    serviceAccount(space, "contour"),
    clusterRoleBinding("local-contour", "contour", space, "contour"),
    configMap(space, "contour", { "contour.yaml": JSON.stringify(config) }),
    deployment(space, "contour", contour(contourImage)),
    service(space, "contour", [{ name: "xds", port: 8001 }]),
    // One port of the node, so a new Envoy has to wait for the old one's end.
    deployment(space, "envoy", envoy(envoyImage, contourImage), { strategy: { type: "Recreate" } }),
    service(space, "envoy", [{ name: "http", port: 80, targetPort: 8080 }]),
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: "rampart" },
      spec: { controllerName: "projectcontour.io/gateway-controller" },
    },
  ];
}
