import { planCrd } from "../../components/rollout-api/crds.ts";
import { routeRules } from "../../components/routing/http-route-rules.ts";
import type { Api } from "../../live/api.ts";
import { listPath, objectPath, rolloutPath } from "../../live/paths.ts";
import { readRollout } from "../../live/read.ts";
import type { Properties } from "../../local/providers/base/properties.ts";
import { waitFor } from "../../local/wait.ts";
import type { SystemConfig } from "../../rollout/config/model.ts";
import { evidenceSpace } from "../../rollout/evidence/log.ts";
import { desiredRollout, rolloutPhases } from "../../rollout/transitions/desired.ts";
import { currentAbort } from "../../rollout/transitions/model.ts";
import { drainOf } from "../../stacks/systems/drains.ts";
import { wdbx } from "../../stacks/systems/wdbx/index.ts";
import { apiCluster } from "../../test/engine/support.ts";
import { installKinds } from "../support/kinds.ts";

const image = (letter: string): string => `bench.example/app@sha256:${letter.repeat(64)}`;
const stack = { environment: "rehearsal", scale: { time: 1, size: 1 } } as const;
const config: SystemConfig = {
  ...{ stable: image("a"), artifact: image("b"), percent: 0, settled: false, phase: "infrastructure" },
  ...{ ladder: "normal", retry: 0, reason: undefined, hold: false, extendDays: 0, excludeNodes: [] },
  ...{ expectedRps: undefined, decommission: false },
};
const routes = "gateway.networking.k8s.io/v1";
/** At a time, when many are made. */
const together = 16;

/** Rollouts like that of wdbx, each at 5 % and in a namespace of its own, with a route that carries it. */
export class Rollouts {
  readonly #api: Api;
  #names: string[] = [];
  #made = 0;

  private constructor(api: Api) {
    this.#api = api;
  }

  get names(): readonly string[] {
    return this.#names;
  }

  static async open(api: Api, proxyPort: number): Promise<Rollouts> {
    await installKinds();
    const { objects } = await apiCluster();
    const install = { fieldManager: "bench", force: true, dryRun: false };
    await objects.apply(planCrd as unknown as Properties, install);
    const rollouts = new Rollouts(api);
    await waitFor("the kinds", async () => (await api.get("/apis/rampart.dev/v1alpha1/rolloutplans")) !== undefined);
    await rollouts.#namespace(evidenceSpace);
    await rollouts.#standInForProxy(proxyPort);
    return rollouts;
  }

  async growTo(count: number): Promise<void> {
    while (this.#names.length < count) {
      const missing = Math.min(together, count - this.#names.length);
      const fresh = Array.from({ length: missing }, () => `system-${++this.#made}`);
      await Promise.all(fresh.map((name) => this.#make(name)));
      this.#names.push(...fresh);
    }
  }

  /** Until the analyzer has taken each of them up. */
  async areWatched(): Promise<void> {
    for (const name of this.#names) {
      const isWatched = async () => (await readRollout(this.#api, name))?.status.phaseStartedAt !== undefined;
      await waitFor(`${name} to be watched`, isWatched, { timeout: 300_000, interval: 100 });
    }
  }

  /** From an alert about one of them to its latch; that one is gone afterwards. */
  async latchAfter(tell: (alerts: readonly object[]) => Promise<void>): Promise<number> {
    const name = this.#names.pop()!;
    const { spec } = (await readRollout(this.#api, name))!;
    const labels = {
      ...{ kind: "trigger", system: name, trigger: "success-lost", action: "zero", phase: "canary-5" },
      ...{ attempt: String(spec.attempt), revision: spec.revision },
    };
    const started = performance.now();
    let latched = 0;
    const isLatched = async () => {
      const isOver = currentAbort((await readRollout(this.#api, name))!) !== undefined;
      latched = performance.now() - started;
      return isOver;
    };
    const told = tell([{ status: "firing", labels }]);
    await waitFor(`the latch of ${name}`, isLatched, { timeout: 60_000, interval: 2 });
    await told;
    await this.#api.remove(rolloutPath(name));
    return latched;
  }

  async #namespace(name: string): Promise<void> {
    await this.#api.create("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }

  async #make(name: string): Promise<void> {
    const phases = rolloutPhases(wdbx.plan, "normal", stack);
    const drain = drainOf({ ...wdbx.plan, system: name } as unknown as typeof wdbx.plan, phases);
    const wish = { ...desiredRollout(wdbx.plan, config, stack, "r1", drain), system: name };
    const at = ({ name: phase, percent, exposure }: (typeof phases)[number]) => ({ phase, percent, exposure });
    const [first, next] = phases as [(typeof phases)[number], (typeof phases)[number]];
    const created = { ...wish, ...at(first), attempt: 1, step: 1 };
    const metadata = { name: "rollout", namespace: name };
    await this.#namespace(name);
    await this.#api.create(listPath("rampart.dev/v1alpha1", "rollouts", name), {
      apiVersion: "rampart.dev/v1alpha1",
      kind: "Rollout",
      metadata,
      spec: created,
    });
    await this.#route(name, next.exposure);
    const passed = [{ phase: first.name, revision: "r1", attempt: 1 }];
    const status = { observedStep: 1, onTarget: true, passed, verdict: { outcome: "Passed" } };
    await this.#api.patch(`${rolloutPath(name)}/status`, "merge", { status });
    await this.#api.patch(rolloutPath(name), "merge", { spec: { ...at(next), step: 2 } });
  }

  async #route(name: string, exposure: Readonly<Record<string, number>>): Promise<void> {
    const path = objectPath(routes, "httproutes", name, name);
    const spec = { hostnames: [`${name}.example.com`], rules: routeRules({ system: name, exposure, mirror: false }) };
    const route = { apiVersion: routes, kind: "HTTPRoute", metadata: { name, namespace: name }, spec };
    await this.#api.create(listPath(routes, "httproutes", name), route);
    const lastTransitionTime = new Date().toISOString();
    const accepted = { type: "Accepted", status: "True", reason: "Accepted", message: "", lastTransitionTime };
    const parents = [
      {
        ...{ parentRef: { name: "gateway" }, controllerName: "bench.example/controller" },
        conditions: [{ ...accepted, observedGeneration: 1 }],
      },
    ];
    await this.#api.patch(`${path}/status`, "merge", { status: { parents } });
  }

  /** Where the analyzer looks for the proxy there is a pod that nobody runs; its address is this machine's own. */
  async #standInForProxy(port: number): Promise<void> {
    const namespace = "projectcontour";
    await this.#namespace(namespace);
    const path = objectPath("v1", "pods", namespace, "envoy");
    const pod = {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "envoy", namespace, labels: { app: "envoy" } } },
      spec: { containers: [{ name: "envoy", image: image("c"), ports: [{ containerPort: port }] }] },
    };
    await waitFor("the stand-in's pod", async () => {
      await this.#api.create(listPath("v1", "pods", namespace), pod);
      return true;
    });
    const address = { podIP: "127.0.0.1", podIPs: [{ ip: "127.0.0.1" }] };
    await this.#api.patch(`${path}/status`, "strategic", { status: { phase: "Running", ...address } });
  }
}
