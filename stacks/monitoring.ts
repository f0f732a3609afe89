import type * as pulumi from "@pulumi/pulumi";
import { analyzerPlace, analyzerWebhook } from "../components/analyzer.ts";
import type { AnalyzerIdentity } from "../components/analyzer-identity.ts";
import { Monitoring } from "../components/monitoring/monitoring.ts";
import { OperatorMonitoring } from "../components/monitoring/operator.ts";
import type { StackConfig } from "../rollout/config/model.ts";
import type { Secrets } from "./config.ts";
import { plans } from "./systems/plans.ts";

/** What is measured, who judges it and who is called, for all systems together. */
export function deployMonitoring(
  { environment, monitoring }: StackConfig,
  secrets: Secrets,
  systems: Readonly<Record<string, pulumi.Input<string>>>,
  identity: AnalyzerIdentity,
): Monitoring | OperatorMonitoring | undefined {
  if (!monitoring) return undefined;
  const { images, operator, receivers = {}, ...rest } = monitoring;
  const common = { ...rest, namespace: "rampart-monitoring", environment, plans, systems };
  if (operator) return new OperatorMonitoring("monitoring", { ...common, ...operator });
  if (!images) return undefined;
  const { analyzer, ...measuring } = images;
  const told = analyzer ? { ...receivers, analyzer: { url: analyzerWebhook } } : receivers;
  const args = { ...common, images: measuring, receivers: told, secrets };
  return new Monitoring(
    "monitoring",
    { ...args, ...(analyzer && { analyzer: analyzerPlace }) },
    { dependsOn: identity },
  );
}
