// A system under guard: its policies, its plan, and the objects that a program would deploy for it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { gatewayManifests } from "../../../local/cluster/addons/gateway.ts";
import { root } from "../../../local/paths.ts";
import type { Properties } from "../../../local/providers/base/properties.ts";
import type { KubeClient } from "../../../local/providers/kubernetes/kube-client.ts";
import { waitFor } from "../../../local/wait.ts";
import type { RolloutPhase } from "../../../rollout/transitions/model.ts";
import { ladder } from "../../unit/transitions/fixture.ts";
import { apiCluster, destroy, up, type Workspace, workspace } from "../support.ts";
import { makeNamespace, refusals } from "./support.ts";

export const space = "guarded";
export const system = "wdbx";
/** Where the system is served while it comes or leaves. */
export const handover = "coming";

export const phases: readonly RolloutPhase[] = ladder.map((one) =>
  one.name === "shadow" ? { ...one, mirror: true } : one,
);

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  [field: string]: unknown;
}

const pathOf = async (object: Manifest): Promise<string> => {
  const { objects } = await apiCluster();
  const { objectPath } = await import("../../../local/providers/kubernetes/discovery.ts");
  const served = await objects.servedKind(object as Properties);
  if (!served) throw new Error(`${object.kind} is not served`);
  return objectPath(object.apiVersion, served, object.metadata.namespace, object.metadata.name);
};

export interface WriteOptions {
  as?: KubeClient;
  dryRun?: boolean;
}

/** What is said against applying it; empty when it was taken. */
export async function write(object: Manifest, { as, dryRun = false }: WriteOptions = {}): Promise<string[]> {
  const path = await pathOf(object);
  const client = as ?? (await apiCluster()).client;
  return refusals(() =>
    client.request({
      method: "PATCH",
      path,
      query: { fieldManager: "test", force: "true", ...(dryRun ? { dryRun: "All" } : {}) },
      contentType: "application/apply-patch+yaml",
      body: JSON.parse(JSON.stringify(object)),
    }),
  );
}

export async function merge(object: Manifest, patch: object, subresource = ""): Promise<string[]> {
  const { client } = await apiCluster();
  const path = `${await pathOf(object)}${subresource}`;
  const body = JSON.parse(JSON.stringify(patch));
  return refusals(() => client.request({ method: "PATCH", path, contentType: "application/merge-patch+json", body }));
}

export async function remove(object: Manifest): Promise<string[]> {
  const { client } = await apiCluster();
  const path = await pathOf(object);
  return refusals(() => client.request({ method: "DELETE", path }));
}

export async function isRefused(said: Promise<string[]>, by: string, message: RegExp): Promise<void> {
  const text = (await said).join("\n");
  assert.match(text, new RegExp(`ValidatingAdmissionPolicy 'rampart-${by}'`));
  assert.match(text, message);
}

export const passes = async (said: Promise<string[]>): Promise<void> => assert.deepEqual(await said, []);

/** Policies read what they compare with from a cache that is some milliseconds late. */
export const soon = (check: () => Promise<void>): Promise<boolean> =>
  waitFor("the policies' cache", () => check().then(() => true), { timeout: 5_000 });

/** The policies, as the component declares them, by a real update; and the API server has taken them up. */
export async function installGuards(): Promise<Workspace> {
  const { kubeconfig, objects } = await apiCluster();
  const text = await gatewayManifests();
  const needed = ["gateways", "httproutes", "referencegrants"].map((plural) => `${plural}.gateway.networking.k8s.io`);
  const mayHold = text.split(/^---$/m).filter((one) => /^kind: CustomResourceDefinition$/m.test(one));
  for (const document of mayHold.flatMap((one) => parseAllDocuments(one))) {
    const crd = document.toJS() as Properties & { metadata: { name: string } };
    if (!needed.includes(crd?.metadata?.name)) continue;
    await objects.apply(crd, { fieldManager: "test", force: true, dryRun: false });
  }
  await makeNamespace(space, { "rampart.dev/system": system });
  const component = JSON.stringify(join(root, "components/rollout-api/policies/guards.ts"));
  const program = `import { Guards } from ${component};\nnew Guards("guards", { namespaces: ["${space}"], hosts: { "wdbx.example": ["${space}", "${handover}"] } });\n`;
  const project = await workspace(program, { kubeconfig });
  await project.run(up);
  await takenUp();
  return project;
}

let batches = 0;

/** The API server takes changes of policies up in batches: once this last one refuses, all before it are in force. */
async function takenUp(): Promise<void> {
  const apiVersion = "admissionregistration.k8s.io/v1";
  const name = `test-last-${++batches}`;
  const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }];
  const last = {
    apiVersion,
    kind: "ValidatingAdmissionPolicy",
    metadata: { name },
    spec: {
      matchConstraints: { resourceRules: rules },
      validations: [{ expression: `object.metadata.name != '${name}'`, message: "taken up" }],
    },
  };
  const binding = {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name, validationActions: ["Deny"] },
  };
  await write(last);
  await write(binding);
  const probe = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: space } };
  await waitFor("the policies to be taken up", async () =>
    (await write(probe, { dryRun: true })).join().includes("taken up"),
  );
  await remove(binding);
  await remove(last);
}

export async function removeGuards(project: Workspace): Promise<void> {
  await project.run(destroy);
  await takenUp();
  await project.remove();
}

const inSpace = (apiVersion: string, kind: string, name: string, rest: object): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace: space },
  ...rest,
});

export const plan = inSpace("rampart.dev/v1alpha1", "RolloutPlan", "plan", {
  spec: { system, artifactKind: "version", versions: { p1: { ladder: "normal", phases } } },
});
export const rollout = inSpace("rampart.dev/v1alpha1", "Rollout", "rollout", {});

type Track = "stable" | "canary";
const selectorOf = (track: Track) => ({ "app.kubernetes.io/name": system, "rampart.dev/track": track });

export const service = (track: Track, spec: object = { selector: selectorOf(track) }): Manifest =>
  inSpace("v1", "Service", `${system}-${track}`, { spec: { ports: [{ name: "http", port: 80 }], ...spec } });

const labelsOf = (track: Track | undefined): Record<string, string> =>
  track ? { ...selectorOf(track), "rampart.dev/revision": "r1" } : { app: "other" };

export const pod = (track: Track | undefined, image: string, name = "app") => ({
  metadata: { labels: labelsOf(track) },
  spec: { containers: [{ name, image }] },
});
export const barePod = (name: string, track: Track | undefined, image: string, container?: string): Manifest => {
  const { metadata, spec } = pod(track, image, container);
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: space, ...metadata }, spec };
};
export const deployment = (track: Track, image: string, over: object = {}): Manifest =>
  inSpace("apps/v1", "Deployment", `${system}-${track}`, {
    spec: {
      replicas: track === "stable" ? 1 : 0,
      selector: { matchLabels: selectorOf(track) },
      template: pod(track, image),
      ...over,
    },
  });

export interface RouteOptions {
  name?: string;
  hostnames?: string[] | null;
  rule?: object;
  backends?: object[];
}
export const route = (canary: number, { name = system, hostnames, rule = {}, backends }: RouteOptions = {}): Manifest =>
  inSpace("gateway.networking.k8s.io/v1", "HTTPRoute", name, {
    spec: {
      ...(hostnames === null ? {} : { hostnames: hostnames ?? ["wdbx.example"] }),
      rules: [
        {
          backendRefs: backends ?? [
            { name: `${system}-stable`, port: 80, weight: 100 - canary },
            { name: `${system}-canary`, port: 80, weight: canary },
          ],
          ...rule,
        },
      ],
    },
  });
export const mirrorTo = (name: string) => ({
  filters: [{ type: "RequestMirror", requestMirror: { backendRef: { name, port: 80 } } }],
});
