import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface GatewayArgs {
  readonly namespace: string;
  /** Routes are taken from namespaces with this label, and from no others. */
  readonly routesFrom: { readonly label: string };
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
              name: "http",
              port: 80,
              protocol: "HTTP",
              allowedRoutes: {
                namespaces: {
                  from: "Selector",
                  selector: { matchExpressions: [{ key: args.routesFrom.label, operator: "Exists" }] },
                },
              },
            },
          ],
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
