import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { segmentPorts } from "../rollout/exposure/segments.ts";
import { frozenTemplate, type PodArgs, podSpec, revisionLabel, selectorOf, type Track } from "./pods.ts";

export interface WorkloadArgs {
  readonly system: string;
  /** Which of the two tracks this is: what everyone has, or what is being rolled out. */
  readonly track: Track;
  readonly namespace: string;
  /** Pinned by digest. */
  readonly image: string;
  readonly pod: PodArgs;
  /** Groups of users, whose requests arrive at ports of their own; fewer than two are everybody. */
  readonly segments: readonly string[];
  /** Of what the pods are; they carry it. */
  readonly revision: string;
  /** The pods that run stay what they are, whatever `pod` says; only the image follows. */
  readonly keepsPods: boolean;
  readonly replicas: number;
  /** Adds pods under load and never goes below `replicas`. */
  readonly autoscaling?: { readonly maxReplicas: number; readonly cpuPercent: number };
  /** The Rollout that guards it: nothing is written before it is there. */
  readonly rolloutUid: pulumi.Input<string>;
}

const portsFor = (segments: readonly string[]) => [
  { name: "http", port: 80, targetPort: "http" },
  ...[...segmentPorts(segments)].map(([name, port]) => ({ name, port, targetPort: "http" })),
];

/** One track of a system: pods that are hard to lose, allowed to do little, and a Service in front of them. */
export class Workload extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:Workload";

  constructor(name: string, args: WorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super(Workload.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const fullName = `${args.system}-${args.track}`;
    const selector = selectorOf(args.system, args.track);
    const labels = { ...selector, "app.kubernetes.io/part-of": "rampart" };
    const metadata = { name: fullName, namespace: args.namespace, labels };
    const guarded = { ...metadata, annotations: { "rampart.dev/rollout-uid": args.rolloutUid } };
    const spec = podSpec(args.system, args.track, args.image, args.pod);

    new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: guarded,
        spec: {
          // Where something scales it, saying a number with every update would undo that.
          ...(args.autoscaling ? {} : { replicas: args.replicas }),
          selector: { matchLabels: selector },
          // A new pod serves before an old one goes.
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          template: { metadata: { labels: { ...labels, [revisionLabel]: args.revision } }, spec },
        },
      },
      { ...parent, ignoreChanges: args.keepsPods ? frozenTemplate(spec) : [] },
    );
    new k8s.core.v1.Service(
      `${name}-service`,
      {
        // The Deployment is what is waited for; a settled system's canary has no pods at all.
        metadata: { ...metadata, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: { selector, ports: portsFor(args.segments) },
      },
      parent,
    );
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption`,
      { metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selector } } },
      parent,
    );
    if (args.autoscaling) this.scale(name, args, metadata, args.autoscaling);
    this.registerOutputs();
  }

  private scale(
    name: string,
    { replicas }: WorkloadArgs,
    metadata: { name: string; namespace: string },
    { maxReplicas, cpuPercent }: NonNullable<WorkloadArgs["autoscaling"]>,
  ): void {
    new k8s.autoscaling.v2.HorizontalPodAutoscaler(
      `${name}-autoscaler`,
      {
        metadata,
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: metadata.name },
          minReplicas: replicas,
          maxReplicas,
          metrics: [
            {
              type: "Resource",
              resource: { name: "cpu", target: { type: "Utilization", averageUtilization: cpuPercent } },
            },
          ],
        },
      },
      { parent: this },
    );
  }
}
