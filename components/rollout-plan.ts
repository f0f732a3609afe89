import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { DrainAction, RolloutPhase } from "../rollout/transitions/model.ts";
import { apiVersion } from "./rollout-api/crds.ts";
import { planName } from "./rollout-api/rollout-object.ts";

export interface PlanVersion {
  readonly ladder: string;
  readonly phases: readonly RolloutPhase[];
  readonly drain?: readonly DrainAction[];
}

export interface RolloutPlanArgs {
  readonly system: string;
  readonly namespace: pulumi.Input<string>;
  readonly artifactKind: "image" | "version";
  /** By plan digest. */
  readonly versions: Readonly<Record<string, PlanVersion>>;
}

/** The ladders that one system's Rollout may climb: what the platform lists, nobody declares for himself. */
export class RolloutPlan extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:index:RolloutPlan";

  constructor(name: string, args: RolloutPlanArgs, opts?: pulumi.ComponentResourceOptions) {
    super(RolloutPlan.__pulumiType, name, args, opts);
    const { system, namespace, artifactKind, versions } = args;
    new k8s.apiextensions.CustomResource(
      `${name}-plan`,
      {
        apiVersion,
        kind: "RolloutPlan",
        metadata: { name: planName, namespace },
        spec: { system, artifactKind, versions },
      },
      { parent: this },
    );
    this.registerOutputs();
  }
}
