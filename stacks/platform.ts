import type * as pulumi from "@pulumi/pulumi";
import { Access } from "../components/access.ts";
import { analyzerPlace } from "../components/analyzer.ts";
import { AnalyzerIdentity } from "../components/analyzer-identity.ts";
import { Gateway } from "../components/gateway.ts";
import { WayBack } from "../components/postgres/way-back.ts";
import { Guards } from "../components/rollout-api/policies/guards.ts";
import { RolloutApi } from "../components/rollout-api/rollout-api.ts";
import { type PlanVersion, RolloutPlan } from "../components/rollout-plan.ts";
import { SystemNamespace } from "../components/system-namespace.ts";
import { ladders, planEnvironment, type StackConfig } from "../rollout/config/model.ts";
import { planDigest } from "../rollout/plan/digest.ts";
import { phasesOf } from "../rollout/plan/ladder.ts";
import type { Plan } from "../rollout/plan/model.ts";
import { wayBackHoursAt } from "../rollout/postgres/migration.ts";
import { rolloutPhases } from "../rollout/transitions/desired.ts";
import { deployAnalyzer } from "./analyzer.ts";
import type { Secrets } from "./config.ts";
import { hasDatabase } from "./database.ts";
import { proveInForce } from "./guard-proof.ts";
import { deployMonitoring } from "./monitoring.ts";
import { gateway } from "./names.ts";
import { readSigners } from "./signers.ts";
import { httpSystemIn, systemHosts } from "./systems/behind-http.ts";
import { databaseOpens, databaseQuota } from "./systems/distributed-postgres/index.ts";
import { drainOf } from "./systems/drains.ts";
import { plans } from "./systems/plans.ts";
import { quotaFor } from "./systems/size.ts";

/** What a platform stack shows. */
export interface PlatformOutput {
  readonly namespaces: string[];
  /** What the self-test of the guards has found. */
  readonly guards: pulumi.Output<string>;
}

/** What guards: the Rollout API with its policies, a namespace and a plan for each system, and who may do what. */
export function deployPlatform(config: StackConfig, secrets: Secrets): PlatformOutput {
  const systems = plans.map((plan) => plan.system);
  const databases: string[] = plans.filter((plan) => hasDatabase(config, plan)).map(({ system }) => system);
  const routesFrom = [...systems, ...new Set(Object.values(config.handover))];
  new Gateway("gateway", { namespace: gateway.namespace, routesFrom, certificate: config.certificate });
  const identity = new AnalyzerIdentity("analyzer", {
    namespace: analyzerPlace.namespace,
    allowedSigners: readSigners(),
  });
  const api = new RolloutApi("rollout-api");

  const namespaces = systems.map(
    (system) =>
      new SystemNamespace(system, {
        system,
        quota: databases.includes(system) ? databaseQuota(config.scale.size) : quotaFor(httpSystemIn(config, system)),
        gatewayNamespace: gateway.namespace,
        ...(databases.includes(system) && { opens: databaseOpens(config.database!) }),
      }),
  );
  const listed = plans.map((plan, index) => {
    const { system, artifact: artifactKind } = plan;
    const versions = versionsOf(plan, config);
    const args = { system, namespace: namespaces[index]!.name, artifactKind, versions };
    return new RolloutPlan(system, args, { dependsOn: api });
  });
  const guards = new Guards(
    "guards",
    { namespaces: systems, hosts: systemHosts(config.handover) },
    { dependsOn: [api, ...namespaces, ...listed] },
  );
  const bySystem = Object.fromEntries(systems.map((system, index) => [system, namespaces[index]!.name]));
  new Access("access", {
    systemsGroup: "rampart:systems",
    viewersGroup: "rampart:viewers",
    previewersGroup: "rampart:previewers",
    breakGlassGroup: "rampart:break-glass",
    namespaces: bySystem,
    databases,
  });
  new WayBack("way-back", { hours: wayBackHoursAt(config.scale.time) });
  const monitoring = deployMonitoring(config, secrets, bySystem, identity);
  deployAnalyzer(config, monitoring, Object.values(bySystem), identity);
  return { namespaces: systems, guards: proveInForce(guards.bound) };
}

/** Each ladder of the plan that this environment has. */
function versionsOf(plan: Plan, stack: StackConfig): Record<string, PlanVersion> {
  const environment = planEnvironment(stack.environment);
  const there = ladders.filter((ladder) => phasesOf(plan, environment, ladder).length > 0);
  return Object.fromEntries(
    there.map((ladder) => {
      const phases = rolloutPhases(plan, ladder, stack);
      const drain = drainOf(plan, phases);
      return [planDigest(plan, environment, ladder), { ladder, phases, ...(drain ? { drain } : {}) }];
    }),
  );
}
