import type * as pulumi from "@pulumi/pulumi";
import { AnalyzerDeployment } from "../components/analyzer.ts";
import type { AnalyzerIdentity } from "../components/analyzer-identity.ts";
import { Monitoring } from "../components/monitoring/monitoring.ts";
import type { StackConfig } from "../rollout/config/model.ts";
import { plans } from "./systems/plans.ts";

/** Who judges what is measured; without its image, or with nothing measured, nothing passes by itself. */
export function deployAnalyzer(
  { environment, scale, monitoring: config }: StackConfig,
  monitoring: unknown,
  systems: readonly pulumi.Input<string>[],
  identity: AnalyzerIdentity,
): void {
  const image = config?.images?.analyzer;
  if (!image || !(monitoring instanceof Monitoring)) return;
  new AnalyzerDeployment(
    "analyzer-deployment",
    {
      namespace: identity.namespace,
      image,
      stack: environment,
      isRehearsal: environment === "rehearsal",
      size: scale.size,
      plans,
      systems,
      prometheusUrls: monitoring.prometheusUrls,
      monitoringNamespace: "rampart-monitoring",
      ...(config.gateway && { gateway: config.gateway }),
    },
    { dependsOn: [identity, monitoring] },
  );
}
