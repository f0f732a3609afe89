import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface HttpRouteArgs {
  readonly system: string;
  readonly namespace: string;
  readonly hostnames: readonly string[];
  readonly gateway: { readonly namespace: string; readonly name: string };
  /** Service and its share of the requests; the weights needn't add up to 100. */
  readonly backends: readonly { readonly service: pulumi.Input<string>; readonly weight: number }[];
}

/** Requests for a system's hosts, shared out by weight. */
export class HttpRoute extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:HttpRoute";

  constructor(name: string, args: HttpRouteArgs, opts?: pulumi.ComponentResourceOptions) {
    super(HttpRoute.__pulumiType, name, args, opts);
    new k8s.apiextensions.CustomResource(
      `${name}-route`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: { name: args.system, namespace: args.namespace },
        spec: {
          parentRefs: [{ namespace: args.gateway.namespace, name: args.gateway.name }],
          hostnames: args.hostnames,
          rules: [{ backendRefs: args.backends.map(({ service, weight }) => ({ name: service, port: 80, weight })) }],
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
