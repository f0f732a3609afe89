import { keepKinds, keepNamespace, keepNamespaceLabel, keepPlan, keepRollout, keepTraffic } from "./deletion.ts";
import { foreignHosts, type Hosts } from "./foreign-hosts.ts";
import { planRecord } from "./plan-record.ts";
import { bindingManifest, type Policy, policyManifest } from "./policy.ts";
import { routeWeight } from "./route-weight.ts";
import { trackServices } from "./services.ts";
import { foreignEndpoints, noGrants, otherRoutes } from "./side-doors.ts";
import { stableSize } from "./stable-size.ts";
import { trackImages } from "./track-images.ts";
import { previewers, rolloutNamespace, statusWriter } from "./writers.ts";

/** All families; hosts are those of the systems, by the namespace that they belong to. */
export const policiesFor = (hosts: Hosts): readonly Policy[] => [
  routeWeight,
  trackServices,
  trackImages,
  stableSize,
  keepTraffic,
  keepRollout,
  keepPlan,
  keepNamespaceLabel,
  keepNamespace,
  keepKinds,
  statusWriter,
  rolloutNamespace,
  previewers,
  planRecord,
  otherRoutes,
  noGrants,
  foreignEndpoints,
  foreignHosts(hosts),
];

/** A policy with its bindings; namespaces are those of the systems. */
export function guardManifests(policy: Policy, namespaces: readonly string[]) {
  const bindings =
    policy === keepNamespace
      ? namespaces.map((paramNamespace) => bindingManifest(policy, { paramNamespace }))
      : [bindingManifest(policy)];
  return { policy: policyManifest(policy), bindings };
}
