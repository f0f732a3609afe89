import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { Canary, type CanaryArgs } from "../../components/canary.ts";
import { revisionOf } from "../../components/pods.ts";
import type { SystemConfig } from "../../rollout/config/model.ts";
import { desiredRollout, rolloutPhases } from "../../rollout/transitions/desired.ts";
import { wdbx } from "../../stacks/systems/wdbx/index.ts";

const image = `bench.example/app@sha256:${"a".repeat(64)}`;
const stack = { environment: "production", scale: { time: 1, size: 1 } } as const;
const settled: SystemConfig = {
  ...{ stable: image, artifact: image, percent: 100, settled: true, phase: undefined, ladder: "normal" },
  ...{ retry: 0, reason: undefined, hold: false, extendDays: 0, excludeNodes: [], expectedRps: undefined },
  decommission: false,
};

/** So many systems like wdbx, each in a namespace of its own. */
export async function manySystems(count: number, style: "components" | "plain"): Promise<void> {
  const resources = style === "plain" ? await declaredByOne() : [];
  for (let index = 0; index < count; index += 1) {
    const system = `system-${index}`;
    const namespace = new k8s.core.v1.Namespace(system, { metadata: { name: system } });
    if (style === "components") byComponents(system, namespace);
    else for (const resource of resources) resource(system, namespace);
  }
}

function argsOf(system: string): CanaryArgs {
  const revision = revisionOf(system, image, wdbx.pod);
  const wish = {
    ...desiredRollout(wdbx.plan, settled, stack, revision),
    system,
    phases: rolloutPhases(wdbx.plan, "normal", stack),
  };
  const spec = { ...wish, attempt: 1, step: 1 };
  return {
    rollout: { system, namespace: system, spec, awaitsStep: undefined, wish },
    ...{ exposure: {}, mirror: false, pod: wdbx.pod, podRevision: revision, replicas: wdbx.replicas },
    ...{ hostnames: [`${system}.example.com`], gateway: { namespace: "gateway", name: "gateway" } },
  };
}

/** No node, so no pods: nobody waits for them. */
const unawaited: pulumi.ResourceTransform = ({ type, props, opts }) =>
  type.startsWith("kubernetes:")
    ? {
        props: {
          ...props,
          metadata: {
            ...props.metadata,
            annotations: { ...props.metadata?.annotations, "pulumi.com/skipAwait": "true" },
          },
        },
        opts,
      }
    : undefined;

function byComponents(system: string, namespace: pulumi.Resource): void {
  const moment = { kind: "create", rolloutUid: undefined } as const;
  new Canary(system, argsOf(system), moment, { dependsOn: namespace, transforms: [unawaited] });
}

type Declare = (system: string, namespace: pulumi.Resource) => void;

/** The same resources as a person would write them who has no components. */
async function declaredByOne(): Promise<Declare[]> {
  const { podSpec, selectorOf } = await import("../../components/pods.ts");
  const { rolloutManifest } = await import("../../components/rollout-api/rollout-object.ts");
  const { routeRules } = await import("../../components/routing/http-route-rules.ts");
  const annotations = { "pulumi.com/skipAwait": "true" };
  const track = (name: "stable" | "canary"): Declare[] => [
    (system, namespace) =>
      new k8s.apps.v1.Deployment(
        `${system}-${name}-deployment`,
        {
          metadata: { name: `${system}-${name}`, namespace: system, annotations },
          spec: {
            replicas: name === "stable" ? 2 : 0,
            selector: { matchLabels: selectorOf(system, name) },
            template: { metadata: { labels: selectorOf(system, name) }, spec: podSpec(system, name, image, wdbx.pod) },
          },
        },
        { dependsOn: namespace },
      ),
    (system, namespace) =>
      new k8s.core.v1.Service(
        `${system}-${name}-service`,
        {
          metadata: { name: `${system}-${name}`, namespace: system, annotations },
          spec: { selector: selectorOf(system, name), ports: [{ name: "http", port: 80, targetPort: "http" }] },
        },
        { dependsOn: namespace },
      ),
    (system, namespace) =>
      new k8s.policy.v1.PodDisruptionBudget(
        `${system}-${name}-disruption`,
        {
          metadata: { name: `${system}-${name}`, namespace: system, annotations },
          spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(system, name) } },
        },
        { dependsOn: namespace },
      ),
  ];
  const object =
    (
      name: string,
      make: (system: string) => { apiVersion: string; kind: string; metadata: object; spec: object },
    ): Declare =>
    (system, namespace) => {
      const { metadata, ...rest } = make(system);
      const args = { ...rest, metadata: { ...metadata, annotations } };
      new k8s.apiextensions.CustomResource(`${system}-${name}`, args, { dependsOn: namespace });
    };
  return [
    ...track("stable"),
    ...track("canary"),
    object("rollout", (system) => rolloutManifest(system, argsOf(system).rollout.spec)),
    object("route", (system) => ({
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "HTTPRoute",
      metadata: { name: system, namespace: system },
      spec: {
        parentRefs: [{ namespace: "gateway", name: "gateway" }],
        hostnames: [`${system}.example.com`],
        rules: routeRules({ system, exposure: {}, mirror: false }),
      },
    })),
  ];
}
