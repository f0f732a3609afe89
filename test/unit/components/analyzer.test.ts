import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { planBook } from "../../../analyzer/plan-book.ts";
import { AnalyzerDeployment, analyzerPlace, analyzerWebhook } from "../../../components/analyzer.ts";
import { parsePlan } from "../../../rollout/plan/schema.ts";
import { rolloutPhases } from "../../../rollout/transitions/desired.ts";
import { plans } from "../../../stacks/systems/plans.ts";

interface Declared {
  readonly kind: string;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: inputs of any kind of object
  readonly inputs: any;
}

async function declared(isRehearsal = false): Promise<Declared[]> {
  const found: Declared[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ type, name, inputs }) => {
      found.push({ kind: type.split(":").at(-1)!, name, inputs });
      return { id: name, state: inputs };
    },
    call: () => ({}),
  });
  new AnalyzerDeployment("analyzer", {
    ...{ namespace: analyzerPlace.namespace, image: `r/a@sha256:${"a".repeat(64)}`, stack: "production", isRehearsal },
    ...{ plans, systems: ["wdbx", "dwcp-v3"], prometheusUrls: ["http://a:9090", "http://b:9090"] },
    monitoringNamespace: "watching",
    gateway: { namespace: "proxies", app: "envoy", port: 8002 },
  });
  await pulumi.runtime.disconnect();
  return found;
}

const of = (all: readonly Declared[], kind: string) =>
  all.filter((one) => one.kind === kind).map(({ inputs }) => inputs);

describe("the analyzer's deployment", () => {
  it("has two replicas that may do little on their node, and is told where to look", async () => {
    const [deployment] = of(await declared(true), "Deployment");
    const { replicas, template } = deployment.spec;
    assert.equal(replicas, 2);
    const { securityContext, serviceAccountName, containers } = template.spec;
    assert.deepEqual([securityContext.runAsNonRoot, serviceAccountName], [true, "analyzer"]);
    const [{ env, securityContext: own, livenessProbe, resources }] = containers;
    assert.ok(own.readOnlyRootFilesystem && livenessProbe && resources.limits.memory);
    const values = Object.fromEntries(env.map(({ name, value }: { name: string; value: string }) => [name, value]));
    assert.equal(values.PROMETHEUS, "http://a:9090,http://b:9090");
    assert.equal(values.REHEARSAL, "true");
    assert.equal(values.GATEWAY, "proxies/envoy:8002");
  });

  it("holds plans in which every phase is found again, and rolls when they change", async () => {
    const all = await declared();
    const texts = of(all, "ConfigMap").flatMap(({ data }) => Object.values(data) as string[]);
    const book = planBook(texts.map((text) => parsePlan(JSON.parse(text))));
    const stack = { environment: "production", scale: { time: 1, size: 1 } } as const;
    for (const plan of plans)
      for (const { name, digest } of rolloutPhases(plan, "normal", stack)) assert.equal(book.phase(digest)?.name, name);
    const [deployment] = of(all, "Deployment");
    assert.match(deployment.spec.template.metadata.annotations["rampart.dev/plans"], /^[0-9a-f]{64}$/);
  });

  it("writes nothing beside plans and signers, and reads ConfigMaps only where evidence lies", async () => {
    const all = await declared();
    const [logs] = of(all, "Role");
    assert.equal(logs.metadata.namespace, "rampart-evidence");
    const [evidence] = of(all, "ClusterRole");
    assert.deepEqual(evidence.rules, [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list"] }]);
    const places = of(all, "RoleBinding").map(({ metadata }) => metadata.namespace);
    assert.deepEqual(places.sort(), ["dwcp-v3", "rampart-evidence", "rampart-evidence", "rampart-system", "wdbx"]);
    assert.deepEqual(of(all, "ClusterRoleBinding"), []);
  });

  it("is reached by the monitoring alone, where Alertmanager is told to, and reaches it and the proxy", async () => {
    const all = await declared();
    const [{ spec }] = of(all, "NetworkPolicy");
    assert.equal(spec.ingress.length, 1);
    assert.deepEqual(spec.policyTypes, ["Ingress", "Egress"]);
    const [space] = spec.ingress[0].from;
    assert.equal(space.namespaceSelector.matchLabels["kubernetes.io/metadata.name"], "watching");
    const ports = (namespace: string) =>
      spec.egress
        .filter(({ to = [] }: { to?: object[] }) => JSON.stringify(to).includes(`"${namespace}"`))
        .flatMap(({ ports }: { ports: { port: number }[] }) => ports.map(({ port }) => port));
    assert.deepEqual([ports("watching"), ports("proxies")], [[9090], [8002]]);
    const [service] = of(all, "Service");
    const { metadata, spec: served } = service;
    assert.equal(`http://${metadata.name}.${metadata.namespace}.svc:${served.ports[0].port}/alerts`, analyzerWebhook);
  });
});
