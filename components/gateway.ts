import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { denyByDefault } from "./default-deny.ts";

export interface GatewayArgs {
  readonly namespace: string;
  /** Routes are taken from these namespaces, and from no others: a label could be put on any. */
  readonly routesFrom: readonly string[];
  /** The Secret in that namespace with its certificate; with it there is no way in but HTTPS. */
  readonly certificate?: string | undefined;
}

/** The class that every cluster has to offer; which controller is behind it is the cluster's business. */
export const gatewayClass = "rampart";

/** The one door through which requests reach the systems. */
export class Gateway extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:Gateway";

  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Gateway.__pulumiType, name, args, opts);
    const namespace = new k8s.core.v1.Namespace(
      name,
      { metadata: { name: args.namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
      { parent: this },
    );
    new k8s.apiextensions.CustomResource(
      `${name}-gateway`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "Gateway",
        metadata: {
          name: "gateway",
          namespace: namespace.metadata.name,
          annotations: { "pulumi.com/waitFor": "condition=Programmed" },
        },
        spec: {
          gatewayClassName: gatewayClass,
          listeners: [
            {
              ...listenerFor(args.certificate),
              allowedRoutes: {
                namespaces: {
                  from: "Selector",
                  selector: {
                    matchExpressions: [
                      { key: "kubernetes.io/metadata.name", operator: "In", values: [...args.routesFrom] },
                    ],
                  },
                },
              },
            },
          ],
        },
      },
      { parent: this },
    );
    denyByDefault(name, namespace.metadata.name, { parent: this });
    this.openNetwork(name, namespace.metadata.name, args.routesFrom);
    this.registerOutputs();
  }

  /** Some controllers run the door's pods in its own namespace: they take requests from anywhere and pass them on. */
  private openNetwork(name: string, namespace: pulumi.Output<string>, systems: readonly string[]): void {
    const tcp = (...ports: number[]) => ports.map((port) => ({ port, protocol: "TCP" }));
    const space = (operator: string, ...values: string[]) => ({
      namespaceSelector: { matchExpressions: [{ key: "kubernetes.io/metadata.name", operator, values }] },
    });
    const spec = {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [{}],
      egress: [
        { to: [space("In", ...systems)] },
        { to: [space("In", "kube-system")], ports: [{ port: 53, protocol: "UDP" }, ...tcp(53)] },
        // Controller and API server are wherever the cluster has them.
        { ports: tcp(443, 6443, 8001) },
      ],
    };
    const metadata = { name: "allow-door", namespace };
    new k8s.networking.v1.NetworkPolicy(`${name}-allow-door`, { metadata, spec }, { parent: this });
  }
}

const listenerFor = (certificate: string | undefined) =>
  certificate === undefined
    ? { name: "http", port: 80, protocol: "HTTP" }
    : {
        name: "https",
        port: 443,
        protocol: "HTTPS",
        tls: { mode: "Terminate", certificateRefs: [{ name: certificate }] },
      };
