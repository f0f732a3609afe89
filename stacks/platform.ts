import { Access } from "../components/access.ts";
import { Gateway } from "../components/gateway.ts";
import { SystemNamespace } from "../components/system-namespace.ts";
import { plans } from "./systems/plans.ts";

/** Names that the systems layer relies on. */
export const gateway = { namespace: "rampart-gateway", name: "gateway" };
const systemLabel = "rampart.dev/system";

/** What guards: one namespace for each system, who may do what in it, and the door for requests. */
export function deployPlatform(): { namespaces: string[] } {
  new Gateway("gateway", { namespace: gateway.namespace, routesFrom: { label: systemLabel } });
  const systems = plans.map((plan) => plan.system);
  const namespaces = systems.map(
    (system) =>
      new SystemNamespace(system, {
        system,
        quota: { cpu: "4", memory: "4Gi", pods: 40 },
        gatewayNamespace: gateway.namespace,
      }),
  );
  new Access("access", {
    systemsGroup: "rampart:systems",
    viewersGroup: "rampart:viewers",
    namespaces: Object.fromEntries(systems.map((system, index) => [system, namespaces[index]!.name])),
  });
  return { namespaces: systems };
}
