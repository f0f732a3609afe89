// One Rollout on the real API server, as a test drives it.
import { join } from "node:path";
import { planCrd, rolloutCrd } from "../../../components/rollout-api/crds.ts";
import { type RolloutManifestSpec, rolloutManifest } from "../../../components/rollout-api/rollout-object.ts";
import { root } from "../../../local/paths.ts";
import type { Json, Properties } from "../../../local/providers/base/properties.ts";
import { ApiError } from "../../../local/providers/kubernetes/api-error.ts";
import { KubeClient } from "../../../local/providers/kubernetes/kube-client.ts";
import { connect } from "../../../local/providers/kubernetes/kube-config.ts";
import { parseConfig } from "../../../local/providers/kubernetes/provider-config.ts";
import { waitFor } from "../../../local/wait.ts";
import { classify } from "../../../rollout/transitions/classify.ts";
import {
  type DesiredRollout,
  type LiveRollout,
  positionOf,
  type RolloutSpec,
  type RolloutStatus,
} from "../../../rollout/transitions/model.ts";
import { nextSpec } from "../../../rollout/transitions/next-spec.ts";
import { desired } from "../../unit/transitions/fixture.ts";
import { apiCluster, up, workspace } from "../support.ts";

export interface Writer {
  readonly user: string;
  readonly groups?: readonly string[];
}
export const analyzer: Writer = { user: "system:serviceaccount:rampart-system:analyzer", groups: ["system:masters"] };

/** Talks to the API server as somebody; the cluster's admin when nobody is named. */
export async function clientAs(writer?: Writer): Promise<KubeClient> {
  const { kubeconfig } = await apiCluster();
  const connection = connect({ ...parseConfig({}, {}), kubeconfig });
  if (!writer) return new KubeClient(connection, () => true);
  const options = async () => {
    const known = await connection.options();
    const { user, groups = [] } = writer;
    return { ...known, headers: { ...known.headers, "impersonate-user": user, "impersonate-group": [...groups] } };
  };
  return new KubeClient({ ...connection, options } as typeof connection, () => true);
}

/** What the API server said against a write; empty when it took it. */
export async function refusals(write: () => Promise<unknown>): Promise<string[]> {
  try {
    await write();
    return [];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const causes = (error.status as { details?: { causes?: { message: string }[] } }).details?.causes ?? [];
    return causes.length > 0 ? causes.map(({ message }) => message) : [error.message];
  }
}

/** The ids that stand first in the messages of rules. */
export const rulesIn = (messages: readonly string[]): string[] =>
  messages.map((message) => /^Invalid value: (?:".*": )?([a-z-]+): /.exec(message)?.[1] ?? message).sort();

let installed: Promise<void> | undefined;

/** Both kinds, as the component declares them, by a real update; and they are served. */
export function installRolloutApi(): Promise<void> {
  installed ??= install();
  return installed;
}

async function install(): Promise<void> {
  const { kubeconfig, client } = await apiCluster();
  const component = JSON.stringify(join(root, "components/rollout-api/rollout-api.ts"));
  const project = await workspace(`import { RolloutApi } from ${component};\nnew RolloutApi("rollout-api");\n`, {
    kubeconfig,
  });
  await project.run(up).finally(() => project.remove());
  for (const { metadata } of [rolloutCrd, planCrd]) {
    const path = `/apis/rampart.dev/v1alpha1/${metadata.name.split(".")[0]}`;
    await waitFor(`${metadata.name} to be served`, () => client.get(path), { timeout: 10_000 });
  }
}

export async function makeNamespace(name: string, labels: Record<string, string> = {}): Promise<void> {
  const { objects } = await apiCluster();
  await objects.apply(
    { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } },
    { fieldManager: "test", force: true, dryRun: false },
  );
}

let namespaces = 0;

/** A Rollout in a namespace of its own, and what the test believes that the server holds. */
export class Walk {
  readonly namespace: string;
  live: LiveRollout | undefined;
  readonly #client: KubeClient;
  readonly #analyzer: KubeClient;

  private constructor(namespace: string, client: KubeClient, asAnalyzer: KubeClient) {
    this.namespace = namespace;
    this.#client = client;
    this.#analyzer = asAnalyzer;
  }

  static async begin(namespace = `walk-${++namespaces}`, labels: Record<string, string> = {}): Promise<Walk> {
    await makeNamespace(namespace, labels);
    return new Walk(namespace, await clientAs(), await clientAs(analyzer));
  }

  /** Messages against writing exactly this. */
  try(spec: object, { dryRun = false } = {}): Promise<string[]> {
    return refusals(() => this.#apply(spec, dryRun));
  }

  async write(spec: RolloutSpec): Promise<void> {
    await this.#apply(rolloutManifest(this.namespace, spec).spec, false);
    this.believe(spec);
  }

  believe(spec: RolloutSpec): void {
    this.live = { spec, status: this.live?.status ?? { observedStep: 0, onTarget: false, passed: [] } };
  }

  /** A legal step, as the program would take it. */
  async go(wish: Partial<DesiredRollout> = {}): Promise<void> {
    const { live } = this;
    await this.write(nextSpec(live, live ? { ...live.spec, ...wish } : desired(wish), undefined).spec);
  }

  async report(over: Partial<RolloutStatus> = {}): Promise<void> {
    const status = { ...this.live!.status, ...over };
    await this.patchStatus(statusManifest(status));
    this.live = { spec: this.live!.spec, status };
  }

  patchStatus(status: Json): Promise<unknown> {
    return this.#analyzer.request({
      method: "PATCH",
      path: `${this.#path}/status`,
      contentType: "application/merge-patch+json",
      body: { status },
    });
  }

  /** The analyzer has seen the last step, and the current phase has passed. */
  async pass(): Promise<void> {
    const { spec, status } = this.live!;
    const pass = { phase: spec.phase!, revision: spec.revision, attempt: spec.attempt };
    await this.report({ observedStep: spec.step, onTarget: true, passed: [...status.passed, pass] });
  }

  /** Climbs from the first phase, passing everything below. */
  async climbTo(phase: string): Promise<void> {
    for (;;) {
      const position = positionOf(this.live!.spec);
      if (position.at !== "phase" || position.name === phase) return;
      await this.pass();
      await this.go({ phase: this.live!.spec.phases[position.index + 1]!.name });
    }
  }

  async abort(to: number): Promise<void> {
    const { attempt } = this.live!.spec;
    await this.report({ aborted: { attempt, trigger: "errors", reason: "5 % failed", to: { all: to } } });
  }

  read(): Promise<Properties> {
    return this.#client.get(this.#path);
  }

  get #path(): string {
    return `/apis/rampart.dev/v1alpha1/namespaces/${this.namespace}/rollouts/rollout`;
  }

  async #apply(spec: object, dryRun: boolean): Promise<void> {
    await this.#client.request({
      method: "PATCH",
      path: this.#path,
      query: { fieldManager: "test", force: "true", fieldValidation: "Strict", ...(dryRun ? { dryRun: "All" } : {}) },
      contentType: "application/apply-patch+yaml",
      body: { apiVersion: "rampart.dev/v1alpha1", kind: "Rollout", metadata: { name: "rollout" }, spec } as Properties,
    });
  }
}

/** Merge patches remove what is null and keep what isn't named. */
const statusManifest = (status: RolloutStatus): Json =>
  JSON.parse(JSON.stringify({ ...status, aborted: status.aborted ?? null }));

/** The live spec with something changed, well counted, whether it makes sense or not. */
export function changed(live: LiveRollout, over: Partial<DesiredRollout>): RolloutSpec {
  const next = { ...live.spec, ...over };
  const kind = classify(live.spec, next);
  const isLanding = kind === "landing" || kind === "withdraw";
  return {
    ...next,
    attempt: live.spec.attempt + (isLanding ? 1 : 0),
    step: live.spec.step + (kind === "unchanged" ? 0 : 1),
  };
}

/** As the program renders it, but also for specs that no program writes. */
export function rendered({ phase, ...spec }: RolloutSpec): RolloutManifestSpec {
  const isSettled = spec.stable === spec.artifact;
  const found = isSettled ? undefined : spec.phases.find(({ name }) => name === phase);
  return {
    ...spec,
    ...(phase === undefined ? {} : { phase }),
    percent: isSettled ? 100 : (found?.percent ?? 0),
    ...(found ? { exposure: found.exposure } : {}),
  };
}
