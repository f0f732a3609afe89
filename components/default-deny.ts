import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Closes a namespace: what isn't opened by a policy beside it reaches no pod there, and none of them reaches anything. */
export function denyByDefault(name: string, namespace: pulumi.Input<string>, opts: pulumi.ResourceOptions): void {
  const metadata = { name: "default-deny", namespace };
  const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
  new k8s.networking.v1.NetworkPolicy(`${name}-default-deny`, { metadata, spec }, opts);
}
