import { parseAllDocuments } from "yaml";
import { rolloutCrd } from "../../components/rollout-api/crds.ts";
import { gatewayManifests } from "../../local/cluster/addons/gateway.ts";
import type { Properties } from "../../local/providers/base/properties.ts";
import { apiCluster } from "../../test/engine/support.ts";

/** The Rollout's kind and that of routes, without policies. */
export async function installKinds(): Promise<void> {
  const { objects } = await apiCluster();
  const documents = (await gatewayManifests())
    .split(/^---$/m)
    .filter((one) => /^kind: CustomResourceDefinition$/m.test(one))
    .flatMap((one) => parseAllDocuments(one).map((document) => document.toJS() as { metadata: { name: string } }));
  const routes = documents.filter(({ metadata }) => metadata.name === "httproutes.gateway.networking.k8s.io");
  for (const crd of [...routes, rolloutCrd]) {
    await objects.apply(crd as unknown as Properties, { fieldManager: "bench", force: true, dryRun: false });
  }
}
