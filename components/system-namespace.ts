import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { toDns } from "./egress.ts";

export interface SystemNamespaceArgs {
  /** The system that lives here; also the namespace's name. */
  readonly system: string;
  /** What all its pods together may ask for. */
  readonly quota: { readonly cpu: string; readonly memory: string; readonly pods: number };
  /** Where requests from outside come from. */
  readonly gatewayNamespace: string;
  /** What else some of its pods may reach, by the policy's name. */
  readonly opens?: Readonly<Record<string, k8s.types.input.networking.v1.NetworkPolicySpec>>;
}

/** A system's own namespace: bounded, under the strictest pod security, and closed but for what is opened here. */
export class SystemNamespace extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:SystemNamespace";
  /** The namespace's name, known once the namespace is there. */
  readonly name: pulumi.Output<string>;

  constructor(name: string, args: SystemNamespaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super(SystemNamespace.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const level = "restricted";
    const namespace = new k8s.core.v1.Namespace(
      name,
      {
        metadata: {
          name: args.system,
          labels: {
            "rampart.dev/system": args.system,
            "pod-security.kubernetes.io/enforce": level,
            "pod-security.kubernetes.io/warn": level,
          },
        },
      },
      parent,
    );
    this.name = namespace.metadata.name;

    const { cpu, memory, pods } = args.quota;
    new k8s.core.v1.ResourceQuota(
      `${name}-quota`,
      {
        metadata: { name: "quota", namespace: this.name },
        spec: { hard: { "requests.cpu": cpu, "requests.memory": memory, pods: String(pods) } },
      },
      parent,
    );
    // A pod that says nothing still counts against the quota, and still can't take the node down.
    new k8s.core.v1.LimitRange(
      `${name}-limits`,
      {
        metadata: { name: "limits", namespace: this.name },
        spec: {
          limits: [
            {
              type: "Container",
              defaultRequest: { cpu: "50m", memory: "64Mi" },
              default: { memory: "256Mi" },
            },
          ],
        },
      },
      parent,
    );
    this.closeNetwork(name, args);
    this.registerOutputs({ name: this.name });
  }

  private closeNetwork(name: string, { gatewayNamespace, opens = {} }: SystemNamespaceArgs): void {
    const policy = (role: string, spec: k8s.types.input.networking.v1.NetworkPolicySpec): void => {
      const metadata = { name: role, namespace: this.name };
      new k8s.networking.v1.NetworkPolicy(`${name}-${role}`, { metadata, spec }, { parent: this });
    };
    const from = (namespace: string) => ({
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    });
    policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    policy("allow-inside", {
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ from: [{ podSelector: {} }] }],
      egress: [{ to: [{ podSelector: {} }] }],
    });
    policy("allow-gateway", {
      podSelector: {},
      policyTypes: ["Ingress"],
      ingress: [{ from: [from(gatewayNamespace)] }],
    });
    for (const [role, spec] of Object.entries(opens)) policy(role, spec);
    policy("allow-dns", { podSelector: {}, policyTypes: ["Egress"], egress: [toDns] });
  }
}
