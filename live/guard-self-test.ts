import type { Api, PatchKind } from "./api.ts";
import { LiveError } from "./live-error.ts";
import type { LiveObject } from "./model.ts";
import { listPath, objectPath, planPath, rolloutPath } from "./paths.ts";

/** One rule family, tried with a write that has to be refused. */
export interface GuardProbe {
  readonly family: string;
  readonly path: string;
  /** A create where there is no patch. */
  readonly patch?: PatchKind;
  readonly body: object;
  /** Dry run wherever the rules look at dry runs too. Otherwise the write does no harm if it is taken, and is undone. */
  readonly dryRun: boolean;
  /** What the refusal says when it is this family's. */
  readonly refusal: RegExp;
}

export interface Proof {
  readonly family: string;
  readonly outcome: "refused" | "NOT REFUSED" | "unproven";
  readonly said: string;
}

const name = "rampart-self-test";
const gatewayApi = "gateway.networking.k8s.io/v1";

/** Every family that can be tried without harm, on the objects of one system. */
export function guardProbes(namespace: string, { spec }: Pick<LiveObject, "spec">): GuardProbe[] {
  const { system } = spec;
  const at = (apiVersion: string, plural: string, object?: string): string =>
    object ? objectPath(apiVersion, plural, namespace, object) : listPath(apiVersion, plural, namespace);
  const made = (apiVersion: string, kind: string, rest: object) => ({
    apiVersion,
    kind,
    metadata: { name, namespace },
    ...rest,
  });
  const policy = (family: string): RegExp => new RegExp(`ValidatingAdmissionPolicy 'rampart-${family}'`);
  const probe = (family: string, path: string, body: object, over: Partial<GuardProbe> = {}): GuardProbe => ({
    ...{ family, path, body, dryRun: true, refusal: policy(family) },
    ...over,
  });
  const labels = { "app.kubernetes.io/name": system, "rampart.dev/track": "stable" };
  return [
    probe(
      "transition-rules",
      rolloutPath(namespace),
      { spec: { step: spec.step + 7 } },
      { patch: "merge", refusal: /counters|step/ },
    ),
    // Attached to no gateway, so it leads nobody anywhere.
    probe(
      "route-weight",
      at(gatewayApi, "httproutes"),
      made(gatewayApi, "HTTPRoute", {
        spec: {
          hostnames: [`${name}.invalid`],
          rules: [{ backendRefs: [{ name: `${system}-canary`, port: 80, weight: 1 }] }],
        },
      }),
      { dryRun: false },
    ),
    probe(
      "track-services",
      at("v1", "services", `${system}-stable`),
      { spec: { selector: { [name]: "1" } } },
      { patch: "merge" },
    ),
    // Of no size, so it makes no pod.
    probe(
      "track-images",
      at("apps/v1", "replicasets"),
      made("apps/v1", "ReplicaSet", {
        spec: {
          replicas: 0,
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { containers: [{ name: "app", image: name }] } },
        },
      }),
      { dryRun: false },
    ),
    probe(
      "stable-size",
      at("apps/v1", "deployments", `${system}-stable/scale`),
      { spec: { replicas: 0 } },
      { patch: "merge" },
    ),
    // It says what is there already.
    probe("status-writer", `${rolloutPath(namespace)}/status`, { status: {} }, { patch: "merge", dryRun: false }),
    probe(
      "plan-record",
      rolloutPath(namespace),
      { spec: { planDigest: name, step: spec.step + 1 } },
      { patch: "merge" },
    ),
    // A plan rather than a Rollout, which would be refused for the lack of one.
    probe("rollout-namespace", planPath("default").replace(/\/plan$/, ""), {
      ...made("rampart.dev/v1alpha1", "RolloutPlan", {
        spec: { system, artifactKind: "image", versions: { [name]: { ladder: "normal", phases: spec.phases } } },
      }),
      metadata: { name: "plan", namespace: "default" },
    }),
    probe(
      "keep-namespace-label",
      `/api/v1/namespaces/${namespace}`,
      { metadata: { labels: { "rampart.dev/system": null } } },
      { patch: "merge" },
    ),
    probe(
      "other-routes",
      at("networking.k8s.io/v1", "ingresses"),
      made("networking.k8s.io/v1", "Ingress", {
        spec: { defaultBackend: { service: { name: `${system}-canary`, port: { number: 80 } } } },
      }),
    ),
    probe(
      "no-grants",
      at("gateway.networking.k8s.io/v1beta1", "referencegrants"),
      made("gateway.networking.k8s.io/v1beta1", "ReferenceGrant", {
        spec: {
          from: [{ group: "gateway.networking.k8s.io", kind: "HTTPRoute", namespace: "default" }],
          to: [{ group: "", kind: "Service" }],
        },
      }),
    ),
    probe(
      "foreign-endpoints",
      at("discovery.k8s.io/v1", "endpointslices"),
      made("discovery.k8s.io/v1", "EndpointSlice", { addressType: "IPv4", endpoints: [{ addresses: ["192.0.2.1"] }] }),
    ),
  ];
}

/** Tries every family. What isn't refused by its own rule is no proof of it, whoever else refuses it. */
export async function proveGuards(api: Api, probes: readonly GuardProbe[]): Promise<Proof[]> {
  const proofs: Proof[] = [];
  for (const probe of probes) proofs.push(await prove(api, probe));
  return proofs;
}

async function prove(api: Api, { family, path, patch, body, dryRun, refusal }: GuardProbe): Promise<Proof> {
  try {
    if (patch) await api.patch(path, patch, body, { dryRun });
    else await api.create(path, body, { dryRun });
  } catch (error) {
    if (!(error instanceof LiveError) || error.status === undefined) throw error;
    const outcome = refusal.test(error.message) ? "refused" : "unproven";
    return { family, outcome, said: error.message };
  }
  if (!patch && !dryRun) await api.remove(`${path}/${name}`);
  return { family, outcome: "NOT REFUSED", said: "the API server took the write" };
}

/**
 * Deletions can't be tried without harm, and another identity's refusals not as oneself: of these families it is only
 * seen that they are there and bound.
 */
export const unprovable = ["keep-traffic", "keep-rollout", "keep-plan", "keep-namespace", "keep-kinds", "previewers"];

const admission = "/apis/admissionregistration.k8s.io/v1";

interface Listed {
  items: {
    metadata: { name: string };
    spec: { policyName?: string; validationActions?: string[]; failurePolicy?: string };
  }[];
}

/** The families whose policy is missing, unbound, or doesn't deny. */
export async function idleGuards(api: Api, families: readonly string[]): Promise<string[]> {
  const [policies, bindings] = (await Promise.all([
    api.get(`${admission}/validatingadmissionpolicies`),
    api.get(`${admission}/validatingadmissionpolicybindings`),
  ])) as [Listed, Listed];
  return families.filter((family) => {
    const isThere = policies.items.some(
      ({ metadata, spec }) => metadata.name === `rampart-${family}` && spec.failurePolicy !== "Ignore",
    );
    const isBound = bindings.items.some(
      ({ spec }) => spec.policyName === `rampart-${family}` && spec.validationActions?.includes("Deny"),
    );
    return !isThere || !isBound;
  });
}

/** How many transition rules the kinds carry; 0 where a client has dropped them on their way to the API server. */
export async function countRules(api: Api, plural: string): Promise<number | undefined> {
  const crd = await api.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.rampart.dev`);
  return crd === undefined ? undefined : JSON.stringify(crd).split('"x-kubernetes-validations"').length - 1;
}
