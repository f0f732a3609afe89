import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { z } from "zod";
import { operatorObjects } from "../../../rollout/monitoring/operator.ts";
import { ruleFiles } from "../../../rollout/monitoring/rule-files.ts";
import { plans } from "../../../stacks/systems/plans.ts";

const options = { environment: "production", runbookUrl: "https://example.com/runbooks" } as const;
const objects = operatorObjects(plans, {
  ...options,
  labels: { release: "monitoring" },
  gateway: { namespace: "projectcontour", app: "envoy", port: 8002 },
  analyzer: { namespace: "rampart-system", app: "analyzer", port: 9090 },
  kubeStateMetrics: { namespace: "theirs", app: "kube-state-metrics", port: 8080 },
  nodeExporter: { namespace: "theirs", app: "prometheus-node-exporter", port: 9100 },
  blackboxExporter: { address: "blackbox.theirs.svc:9115", module: "http_2xx" },
  probes: { wdbx: "https://wdbx.example.com/" },
});
const ofKind = (kind: string) => objects.filter((one) => one.kind === kind);

const duration = z.string().regex(/^\d+(ms|s|m|h|d)$/);
const texts = z.record(z.string(), z.string());
const relabeling = z.strictObject({
  action: z.enum(["replace", "keep", "drop", "labeldrop"]),
  regex: z.string().optional(),
  replacement: z.string().optional(),
  sourceLabels: z.array(z.string()).min(1).optional(),
  targetLabel: z.string().optional(),
});
/** The operator's own schema, as far as we use it. */
const schemas = {
  PrometheusRule: z.strictObject({
    groups: z.array(
      z.strictObject({
        name: z.string().min(1),
        interval: duration,
        rules: z.array(
          z.strictObject({
            alert: z.string().optional(),
            record: z.string().optional(),
            expr: z.string().min(1),
            for: duration.optional(),
            keep_firing_for: duration.optional(),
            labels: texts.optional(),
            annotations: texts.optional(),
          }),
        ),
      }),
    ),
  }),
  PodMonitor: z.strictObject({
    selector: z.strictObject({}),
    namespaceSelector: z.strictObject({ matchNames: z.array(z.string()).min(1) }),
    sampleLimit: z.int(),
    labelLimit: z.int(),
    labelValueLengthLimit: z.int(),
    podMetricsEndpoints: z.tuple([
      z.strictObject({
        port: z.string().optional(),
        path: z.string().optional(),
        interval: duration.optional(),
        scrapeTimeout: duration.optional(),
        honorLabels: z.boolean().optional(),
        params: z.record(z.string(), z.array(z.string())).optional(),
        relabelings: z.array(relabeling),
        metricRelabelings: z.array(relabeling).optional(),
      }),
    ]),
  }),
  Probe: z.strictObject({
    jobName: z.literal("probes"),
    prober: z.strictObject({ url: z.string().regex(/^[^/]+:\d+$/) }),
    module: z.string().min(1),
    targets: z.strictObject({
      staticConfig: z.strictObject({ static: z.array(z.url()).min(1), labels: z.record(z.string(), z.string()) }),
    }),
  }),
};

describe("the objects for a Prometheus operator", () => {
  it("are such as its API takes", () => {
    for (const { kind, name, spec } of objects) {
      assert.match(name, /^[a-z0-9][a-z0-9-]*$/);
      const { error } = schemas[kind].safeParse(spec);
      assert.ok(!error, `${name}: ${error?.message}`);
    }
  });

  it("hold every rule of every plan", () => {
    const ours = { ...options, analyzer: true, alertmanagers: 0, objects: true, nodes: true, probed: ["wdbx"] };
    const count = (groups: readonly { rules: readonly unknown[] }[]) =>
      groups.reduce((sum, one) => sum + one.rules.length, 0);
    const wanted = Object.values(ruleFiles(plans, ours)).map(count);
    const got = ofKind("PrometheusRule").map(({ spec }) => count(spec.groups as { rules: unknown[] }[]));
    assert.deepEqual(got, wanted);
    // Beside those of the plans what pods can't say of themselves, what a database's clusters do, and what guards everything.
    assert.ok(wanted.length === plans.length + 3 && wanted.every((some) => some > 0));
  });

  it("judge nothing that nobody measures", () => {
    const bare = operatorObjects(plans, { ...options, labels: {}, probes: { wdbx: "https://wdbx.example.com/" } });
    assert.ok(!bare.some(({ kind, name }) => kind === "Probe" || /outside|nodes|objects/.test(name)));
  });

  it("give every job the name that the rules know it by", () => {
    for (const { name, spec } of ofKind("PodMonitor")) {
      const [{ relabelings }] = spec.podMetricsEndpoints as [
        { relabelings: { targetLabel?: string; replacement?: string }[] },
      ];
      const named = relabelings.filter(({ targetLabel }) => targetLabel === "job");
      const job = name.replace("rampart-", "").replace(/^(systems|databases)-.*/, "$1");
      assert.deepEqual(
        named.map(({ replacement }) => replacement),
        [job],
      );
    }
  });

  it("scrape systems, databases, proxy, analyzer and exporters, each at its port and as often as it should be", () => {
    const scrapes = ofKind("PodMonitor").map(({ name, spec }) => {
      const [{ port, interval }] = spec.podMetricsEndpoints as [{ port?: string; interval?: string }];
      return `${name} ${port} ${interval}`;
    });
    assert.deepEqual(scrapes.slice(-4), [
      "rampart-gateway http 1s",
      "rampart-analyzer undefined 5s",
      "rampart-nodes undefined undefined",
      "rampart-objects undefined undefined",
    ]);
    assert.ok(
      scrapes.slice(0, -4).every((one) => /^rampart-(?:systems|databases)-(\d+s) health \1$/.test(one)),
      scrapes.join(),
    );
  });

  it("ask from outside as a user would, and say of which system the answer tells", () => {
    const [probe] = ofKind("Probe");
    assert.deepEqual(probe?.spec.targets, {
      staticConfig: { static: ["https://wdbx.example.com/"], labels: { system: "wdbx" } },
    });
  });

  it("carry the labels that the operator selects by", () => {
    assert.ok(objects.every(({ labels }) => labels.release === "monitoring"));
  });

  it("leave to the others what is theirs: their Prometheus, and its watchdog", () => {
    const text = JSON.stringify(objects);
    assert.ok(!text.includes("Watchdog") && !text.includes('job=\\"prometheus'));
  });
});
