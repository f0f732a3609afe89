import * as pulumi from "@pulumi/pulumi";
import { type Exposure, percentOf } from "../rollout/exposure/exposure.ts";
import type { TransitionKind } from "../rollout/transitions/classify.ts";
import { isSettled } from "../rollout/transitions/model.ts";
import { orderOf, type Part } from "../rollout/transitions/order.ts";
import type { PodArgs } from "./pods.ts";
import { Rollout, type RolloutArgs } from "./rollout.ts";
import { HttpRoute, type HttpRouteArgs } from "./routing/http-route.ts";
import { Workload } from "./workload.ts";

/** What is true only while one update runs. */
export interface CanaryMoment {
  /** What kind of change this is: it decides about the order. */
  readonly kind: TransitionKind;
  /** Of the object that is already there, and so known in a preview. */
  readonly rolloutUid: string | undefined;
}

export interface CanaryArgs extends Pick<HttpRouteArgs, "hostnames" | "gateway" | "stickyCookie"> {
  readonly rollout: RolloutArgs;
  /** What each segment may get now: of the phase, or less after an abort. */
  readonly exposure: Exposure;
  readonly mirror: boolean;
  readonly pod: PodArgs;
  /** What the program's pods are now; the Rollout's may be older. */
  readonly podRevision: string;
  readonly replicas: { readonly stable: number; readonly canary: number };
  readonly autoscaling?: { readonly maxReplicas: number; readonly cpuPercent: number };
}

/** A system behind HTTP: two tracks, the weights between them, and the Rollout that says how far. */
export class Canary extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:Canary";

  // The moment is no part of the arguments: the engine compares those, and the next update would show a change.
  constructor(name: string, args: CanaryArgs, moment: CanaryMoment, opts?: pulumi.ComponentResourceOptions) {
    super(Canary.__pulumiType, name, args, opts);
    const { spec, system, namespace } = args.rollout;
    const { exposure, hostnames, gateway, pod } = args;
    const settled = isSettled(spec);
    const isCurrent = args.podRevision === spec.revision;
    const place = { system, namespace };
    const segments = Object.keys(spec.phases[0]!.exposure);
    let uid: pulumi.Input<string> = moment.rolloutUid ?? "";

    const make: Record<Part, (options: pulumi.ComponentResourceOptions) => pulumi.Resource> = {
      rollout: (options) => {
        const rollout = new Rollout(name, args.rollout, options);
        uid = moment.rolloutUid ?? rollout.uid;
        return rollout;
      },
      stable: (options) =>
        new Workload(
          `${name}-stable`,
          {
            ...place,
            track: "stable",
            image: spec.stable,
            pod,
            segments,
            revision: spec.revision,
            // What the canary proved becomes stable with the settle, and not before.
            keepsPods: !(settled && isCurrent),
            replicas: args.replicas.stable,
            ...(args.autoscaling ? { autoscaling: args.autoscaling } : {}),
            rolloutUid: uid,
          },
          options,
        ),
      canary: (options) =>
        new Workload(
          `${name}-canary`,
          {
            ...place,
            track: "canary",
            image: spec.artifact,
            pod,
            segments,
            revision: spec.revision,
            keepsPods: !isCurrent,
            replicas: settled ? 0 : canaryReplicas(args),
            rolloutUid: uid,
          },
          options,
        ),
      route: (options) => {
        const { mirror, stickyCookie } = args;
        return new HttpRoute(
          name,
          { ...place, exposure, mirror, stickyCookie, hostnames, gateway, rolloutUid: uid },
          options,
        );
      },
    };
    const hasCanaryUsers = Object.values(exposure).some((percent) => percent > 0);
    const before: pulumi.Resource[] = [];
    for (const part of orderOf({ kind: moment.kind, settled, hasCanaryUsers })) {
      before.push(make[part]({ parent: this, dependsOn: [...before] }));
    }
    this.registerOutputs();
  }
}

/** Enough for the phase's share of stable's load; after an abort they stay, to be looked at. */
function canaryReplicas({ rollout: { spec }, replicas }: CanaryArgs): number {
  const phase = spec.phases.find(({ name }) => name === spec.phase);
  const most = Math.max(0, ...Object.keys(phase?.exposure ?? {}).map((name) => percentOf(phase!.exposure, name)));
  return Math.max(replicas.canary, Math.ceil((replicas.stable * most) / 100));
}
