import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type RouteShares, routeRules } from "./http-route-rules.ts";

export interface HttpRouteArgs extends RouteShares {
  readonly namespace: string;
  readonly hostnames: readonly string[];
  readonly gateway: { readonly namespace: string; readonly name: string };
  /** The Rollout that guards it: nothing is written before it is there. */
  readonly rolloutUid: pulumi.Input<string>;
}

/** Requests for a system's hosts, shared out between its two tracks. */
export class HttpRoute extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:HttpRoute";

  constructor(name: string, args: HttpRouteArgs, opts?: pulumi.ComponentResourceOptions) {
    super(HttpRoute.__pulumiType, name, args, opts);
    new k8s.apiextensions.CustomResource(
      `${name}-route`,
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: {
          name: args.system,
          namespace: args.namespace,
          annotations: {
            "rampart.dev/rollout-uid": args.rolloutUid,
            // A drain takes the rules over without asking; the next update takes them back.
            "pulumi.com/patchForce": "true",
          },
        },
        spec: {
          parentRefs: [{ namespace: args.gateway.namespace, name: args.gateway.name }],
          hostnames: args.hostnames,
          rules: routeRules(args),
        },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
