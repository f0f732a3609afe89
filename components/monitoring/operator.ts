import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { type Environment, planEnvironment } from "../../rollout/config/model.ts";
import { type OperatorOptions, operatorObjects } from "../../rollout/monitoring/operator.ts";
import type { Plan } from "../../rollout/plan/model.ts";
import { letIn } from "./network.ts";

export interface OperatorMonitoringArgs extends Omit<OperatorOptions, "environment"> {
  /** It is made here, and has to be one that the operator looks at. */
  readonly namespace: string;
  /** Where the operator's Prometheus runs. */
  readonly prometheusNamespace: string;
  readonly environment: Environment;
  readonly plans: readonly Plan[];
  readonly systems: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Rules and scrapes for teams whose clusters have the Prometheus operator, instead of a Prometheus of our own. */
export class OperatorMonitoring extends pulumi.ComponentResource {
  static readonly __pulumiType = "rampart:monitoring:OperatorMonitoring";

  constructor(name: string, args: OperatorMonitoringArgs, opts?: pulumi.ComponentResourceOptions) {
    super(OperatorMonitoring.__pulumiType, name, args, opts);
    const parent = { parent: this };
    const { plans, systems, prometheusNamespace } = args;
    const namespace = new k8s.core.v1.Namespace(
      `${name}-namespace`,
      { metadata: { name: args.namespace, labels: { "pod-security.kubernetes.io/enforce": "restricted" } } },
      parent,
    ).metadata.name;
    letIn(name, { systems, plans, space: prometheusNamespace }, parent);
    for (const { kind, name: own, labels, spec } of operatorObjects(plans, {
      ...args,
      environment: planEnvironment(args.environment),
    })) {
      new k8s.apiextensions.CustomResource(
        `${name}-${own}`,
        {
          apiVersion: "monitoring.coreos.com/v1",
          kind,
          metadata: { name: own, namespace, labels: { ...labels } },
          spec,
        },
        parent,
      );
    }
    this.registerOutputs();
  }
}
