import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { before, describe, it } from "mocha";
import { Monitoring } from "../../../components/monitoring/monitoring.ts";
import { OperatorMonitoring } from "../../../components/monitoring/operator.ts";
import { root } from "../../../local/paths.ts";
import { plans } from "../../../stacks/systems/plans.ts";

interface Container {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
}
interface Volume {
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string };
  readonly projected?: { readonly sources: readonly Volume[] };
  readonly hostPath?: object;
}
interface Declared {
  readonly type: string;
  readonly name: string;
  readonly inputs: {
    readonly metadata: {
      readonly name: string;
      readonly namespace?: string;
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
    };
    // biome-ignore lint/suspicious/noExplicitAny: each kind has its own
    readonly spec?: any;
    readonly [key: string]: unknown;
  };
}

/** What a program declares, with nothing behind it. */
async function declaredBy(program: () => void): Promise<Declared[]> {
  const declared: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        if (!type.startsWith("rampart:")) declared.push({ type: type.split(":").at(-1)!, name, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: ({ token }) => {
        throw new Error(`${token}: this program calls no functions`);
      },
    },
    "rampart",
    "test",
    true,
  );
  program();
  await pulumi.runtime.disconnect();
  return declared;
}

const volumesOf = ({ spec }: Declared["inputs"]): readonly Volume[] => spec.template.spec.volumes ?? [];
const image = (name: string) => `registry.example/${name}@sha256:${"a".repeat(64)}`;
const systems = Object.fromEntries(plans.map(({ system }) => [system, system]));
const common = {
  environment: "production",
  plans,
  systems,
  namespace: "monitoring",
  runbookUrl: "docs/runbooks",
} as const;
const confidential = "not-for-everybody";

describe("the objects of the monitoring, with every part there can be", () => {
  let declared: Declared[];
  const ofType = (type: string) => declared.filter((one) => one.type === type);
  const workloads = () => [...ofType("Deployment"), ...ofType("StatefulSet"), ...ofType("DaemonSet")];

  before(async () => {
    declared = await declaredBy(() => {
      new Monitoring("monitoring", {
        ...common,
        images: {
          prometheus: image("prometheus"),
          alertmanager: image("alertmanager"),
          nodeExporter: image("node-exporter"),
          kubeStateMetrics: image("kube-state-metrics"),
          blackboxExporter: image("blackbox-exporter"),
          grafana: image("grafana"),
        },
        gateway: { namespace: "projectcontour", app: "envoy", port: 8002 },
        analyzer: { namespace: "rampart-system", app: "analyzer", port: 9090 },
        probes: { wdbx: "https://wdbx.example.com/" },
        receivers: { webhook: true },
        secrets: { webhook: pulumi.secret(confidential), grafana: pulumi.secret(confidential) },
        traces: { collector: image("collector"), jaeger: image("jaeger"), keep: "7d" },
        logs: { collector: image("collector"), loki: image("loki"), keep: "14d", storage: { size: "50Gi" } },
      });
    });
  });

  it("are as many programs as there are parts", () => {
    assert.deepEqual(
      workloads()
        .map(({ type, inputs }) => `${type} ${inputs.metadata.name}`)
        .sort(),
      [
        "DaemonSet log-collector",
        "DaemonSet node-exporter",
        "Deployment blackbox-exporter",
        "Deployment grafana",
        "Deployment kube-state-metrics",
        "Deployment trace-collector",
        "StatefulSet alertmanager",
        "StatefulSet jaeger",
        "StatefulSet loki",
        "StatefulSet prometheus",
      ],
    );
  });

  it("give Grafana every dashboard as it lies in dashboards/", () => {
    for (const file of globSync("*.json", { cwd: join(root, "dashboards") })) {
      const own = ofType("ConfigMap").find(({ inputs }) => (inputs.data as Record<string, string>)[file] !== undefined);
      const drawn = (own!.inputs.data as Record<string, string>)[file]!;
      assert.deepEqual(JSON.parse(drawn), JSON.parse(readFileSync(join(root, "dashboards", file), "utf8")), file);
    }
  });

  it("hold what is secret in Secrets alone", () => {
    const texts = declared.filter(({ inputs }) => JSON.stringify(inputs).includes(confidential));
    assert.deepEqual([...new Set(texts.map(({ type }) => type))], ["Secret"]);
  });

  it("can't do more than they have to: no root, nothing to write to, bounded; but for who reads logs", () => {
    for (const { inputs } of workloads()) {
      const { name } = inputs.metadata;
      const pod = inputs.spec.template.spec;
      const [container, ...others] = pod.containers as Container[];
      assert.equal(others.length, 0, name);
      assert.equal(container!.securityContext.readOnlyRootFilesystem, true, name);
      assert.equal(container!.securityContext.allowPrivilegeEscalation, false, name);
      assert.ok(container!.resources.limits.memory && container!.resources.limits["ephemeral-storage"], name);
      const reads = volumesOf(inputs).some(({ hostPath }) => hostPath);
      assert.equal(reads, name === "log-collector", name);
      assert.equal(pod.securityContext?.runAsNonRoot ?? false, name !== "log-collector", name);
    }
  });

  it("mount only what is declared with them, under its name", () => {
    const names = (type: string) => ofType(type).map(({ inputs }) => inputs.metadata.name);
    for (const { inputs } of workloads()) {
      const volumes = volumesOf(inputs).flatMap((one) => one.projected?.sources ?? [one]);
      for (const { configMap, secret } of volumes) {
        if (configMap) assert.ok(names("ConfigMap").includes(configMap.name), configMap.name);
        if (secret) assert.ok(names("Secret").includes(secret.secretName), secret.secretName);
      }
    }
  });

  it("have an account of their own only where they ask the API server, and read only", () => {
    const accounts = workloads().filter(({ inputs }) => inputs.spec.template.spec.serviceAccountName);
    assert.deepEqual(accounts.map(({ inputs }) => inputs.metadata.name).sort(), [
      "kube-state-metrics",
      "log-collector",
      "prometheus",
      "trace-collector",
    ]);
    for (const { name, inputs } of ofType("ClusterRole")) {
      for (const { verbs, resources } of inputs.rules as { verbs: string[]; resources: string[] }[]) {
        assert.deepEqual(verbs, ["get", "list", "watch"], name);
        assert.ok(!resources.includes("secrets") && !resources.includes("configmaps"), name);
      }
    }
  });

  it("are closed to everybody but who is named", () => {
    const closed = ofType("NetworkPolicy").find(({ inputs }) => inputs.metadata.name === "default-deny")!;
    assert.deepEqual(closed.inputs.spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
    for (const system of Object.keys(systems)) {
      const own = ofType("NetworkPolicy").filter(({ inputs }) => inputs.metadata.namespace === system);
      const members = system === "distributed-postgres" ? ["allow-monitoring-members"] : [];
      const names = ["allow-monitoring", ...members, "allow-traces"];
      assert.deepEqual(own.map(({ inputs }) => inputs.metadata.name).sort(), names);
    }
  });

  it("are named after the system that they are about: one less takes nothing from the others", async () => {
    const { wdbx: _gone, ...others } = systems;
    const fewer = await declaredBy(() => {
      const images = { prometheus: image("prometheus"), alertmanager: image("alertmanager") };
      new Monitoring("monitoring", { ...common, systems: others, images, receivers: {}, secrets: {} });
    });
    const placeOf = ({ type, name, inputs }: Declared) => `${type} ${name}: ${inputs.metadata.namespace}`;
    const before = new Set(declared.map(placeOf));
    const moved = fewer.map(placeOf).filter((one) => !before.has(one));
    assert.deepEqual(moved, []);
    assert.ok(!fewer.some(({ inputs }) => inputs.metadata.namespace === "wdbx"));
  });

  it("hold up no update: nobody waits for their pods", () => {
    for (const { inputs } of workloads()) {
      assert.equal(inputs.metadata.annotations?.["pulumi.com/skipAwait"], "true", inputs.metadata.name);
    }
  });

  it("are none of these where the operator's Prometheus measures", async () => {
    const others = await declaredBy(() => {
      const labels = { release: "prometheus" };
      const blackboxExporter = { address: "blackbox.theirs.svc:9115", module: "http_2xx" };
      const outside = { blackboxExporter, probes: { wdbx: "https://wdbx.example.com/" } };
      new OperatorMonitoring("monitoring", { ...common, ...outside, prometheusNamespace: "theirs", labels });
    });
    const kinds = new Map<string, number>();
    for (const { type } of others) kinds.set(type, (kinds.get(type) ?? 0) + 1);
    assert.deepEqual([...kinds.keys()].sort(), ["Namespace", "NetworkPolicy", "PodMonitor", "Probe", "PrometheusRule"]);
    assert.equal(kinds.get("PrometheusRule"), plans.length + 3);
  });
});
