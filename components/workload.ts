import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface WorkloadArgs {
  readonly system: string;
  /** Which of the two tracks this is: what everyone has, or what is being rolled out. */
  readonly track: "stable" | "canary";
  readonly namespace: string;
  /** Pinned by digest. */
  readonly image: string;
  readonly replicas: number;
  readonly env: Readonly<Record<string, string>>;
  readonly resources: { readonly cpu: string; readonly memory: string };
  readonly ports: { readonly app: number; readonly health: number };
}

/** One track of a system: pods that are hard to lose, allowed to do little, and a Service in front of them. */
export class Workload extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:Workload";
  /** The Service's name, for routes. */
  readonly service: pulumi.Output<string>;

  constructor(name: string, args: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Workload.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const fullName = `${args.system}-${args.track}`;
    const selector = { "app.kubernetes.io/name": args.system, "rampart.dev/track": args.track };
    const labels = { ...selector, "app.kubernetes.io/part-of": "rampart" };
    const metadata = { name: fullName, namespace: args.namespace, labels };

    new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata,
        spec: {
          replicas: args.replicas,
          selector: { matchLabels: selector },
          // A new pod serves before an old one goes.
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template: { metadata: { labels }, spec: podSpec(args, selector) },
        },
      },
      parent,
    );
    const service = new k8s.core.v1.Service(
      `${name}-service`,
      { metadata, spec: { selector, ports: [{ name: "http", port: 80, targetPort: "http" }] } },
      parent,
    );
    if (args.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(
        `${name}-disruption`,
        { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selector } } },
        parent,
      );
    }
    this.service = service.metadata.name;
    this.registerOutputs({ service: this.service });
  }
}

function podSpec(args: WorkloadArgs, selector: Record<string, string>): k8s.types.input.core.v1.PodSpec {
  const probe = (path: string) => ({ httpGet: { path, port: "health" }, periodSeconds: 2 });
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
    // Where there is one node only, all pods run there all the same.
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: selector },
      },
    ],
    containers: [
      {
        name: "app",
        image: args.image,
        imagePullPolicy: "IfNotPresent",
        env: Object.entries(args.env).map(([key, value]) => ({ name: key, value })),
        ports: [
          { name: "http", containerPort: args.ports.app },
          { name: "health", containerPort: args.ports.health },
        ],
        resources: { requests: args.resources, limits: { memory: args.resources.memory } },
        readinessProbe: probe("/readyz"),
        livenessProbe: { ...probe("/healthz"), periodSeconds: 10, failureThreshold: 3 },
        // Requests that were on their way when the pod left the Service still get an answer.
        lifecycle: { preStop: { sleep: { seconds: 3 } } },
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ["ALL"] },
        },
      },
    ],
  };
}
