import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../../local/paths.ts";
import { monitoringSchema } from "../../../rollout/config/monitoring.ts";
import { parseStackFile } from "../../../rollout/config/parse.ts";
import { formatProblem } from "../../../rollout/config/problem.ts";
import { plans } from "./fixture.ts";

const image = (name: string) => `"registry.example/${name}@sha256:${"a".repeat(64)}"`;
const lines = (more: string[] = [], receivers = "{}") => [
  "    images:",
  `      prometheus: ${image("prometheus")}`,
  `      alertmanager: ${image("alertmanager")}`,
  "    runbookUrl: https://example.com/docs/runbooks",
  `    receivers: ${receivers}`,
  ...more,
];
const stackFile = (monitoring: string[], layer = "platform") =>
  `config:\n  rampart:environment: staging\n  rampart:layer: ${layer}\n  rampart:monitoring:\n${monitoring.join("\n")}\n`;
const parse = (monitoring: string[], layer?: string) =>
  parseStackFile(stackFile(monitoring, layer), "Pulumi.staging-platform.yaml", plans);
const problems = (monitoring: string[], layer?: string) =>
  (parse(monitoring, layer).problems ?? []).map((one) => formatProblem(one).replace(/^[^:]*:\d+:\d+: /, ""));

describe("the monitoring in a platform's stack file", () => {
  it("may be as little as two images, runbooks and nobody who is called", () => {
    assert.deepEqual(parse(lines()).config?.monitoring?.receivers, {});
  });

  it("may be left out", () => {
    const text = "config:\n  rampart:environment: staging\n  rampart:layer: platform\n";
    const { config } = parseStackFile(text, "Pulumi.staging-platform.yaml", plans);
    assert.ok(config && !("monitoring" in config));
  });

  it("names everybody who can be called", () => {
    const receivers = [
      'slack: { critical: "#pages", warnings: "#alerts", rollout: "#rollouts" }',
      "pagerduty: true",
      "email: { to: a@example.com, from: b@example.com, smarthost: mail.example.com:587, username: b }",
      "webhook: true",
      "heartbeat: true",
      'systems: { wdbx: { pagerduty: wdbx-pager, slack: "#wdbx" } }',
    ];
    assert.deepEqual(problems(lines([], `{ ${receivers.join(", ")} }`)), []);
  });

  it("takes no image by tag, and says what it takes", () => {
    const tagged = lines().map((line) => line.replace(/prometheus: .*/, "prometheus: prom/prometheus:v3"));
    assert.match(problems(tagged)[0]!, /"prom\/prometheus:v3" is not a legal prometheus; expected an image by digest/);
  });

  it("knows no other key at any depth, and tells the nearest", () => {
    assert.match(problems(lines(["    retension: {}"]))[0]!, /is an unknown key.*nearest: retention/);
    assert.match(
      problems(lines([], '{ slack: { critical: "#a", warnings: "#a", rolout: "#a" } }')).join(),
      /nearest: rollout/,
    );
    assert.match(problems(lines([], "{ systems: { wdxb: {} } }"))[0]!, /nearest: wdbx/);
  });

  it("holds no address of a receiver, only that there is one", () => {
    assert.match(problems(lines([], '{ webhook: "https://hooks.example.com/abc" }'))[0]!, /webhook/);
  });

  it("asks from outside only with somebody who does", () => {
    const probes = "    probes: { wdbx: https://wdbx.example.com/ }";
    assert.match(problems(lines([probes]))[0]!, /need images.blackboxExporter/);
    const exporter = lines([probes]).map((line) =>
      line.replace(/^(\s+)prometheus: .*/, `$&\n$1blackboxExporter: ${image("b")}`),
    );
    assert.deepEqual(problems(exporter), []);
    assert.match(problems(lines(["    probes: { wdxb: https://wdbx.example.com/ }"])).join(), /nearest: wdbx/);
  });

  it("may be left to the Prometheus operator, but not half of it", () => {
    const operator = "    operator: { prometheusNamespace: monitoring, labels: { release: prometheus } }";
    assert.deepEqual(problems(["    runbookUrl: docs/runbooks", operator]), []);
    const probes = "    probes: { wdbx: https://wdbx.example.com/ }";
    assert.match(problems(["    runbookUrl: docs/runbooks", operator, probes])[0]!, /need operator.blackboxExporter/);
    const exporters = [
      "kubeStateMetrics: { namespace: monitoring, app: kube-state-metrics, port: 8080 }",
      "nodeExporter: { namespace: monitoring, app: prometheus-node-exporter, port: 9100 }",
      "blackboxExporter: { address: blackbox.monitoring.svc:9115, module: http_2xx }",
    ];
    const whole = operator.replace(/ }$/, `, ${exporters.join(", ")} }`);
    assert.deepEqual(problems(["    runbookUrl: docs/runbooks", whole, probes]), []);
    const both = problems(lines([operator]));
    assert.equal(
      both.filter((one) => /^(images|receivers): has no place beside operator/.test(one)).length,
      2,
      both.join(),
    );
    assert.match(problems(["    runbookUrl: docs/runbooks"]).join(), /images: is missing.*receivers: is missing/);
  });

  it("is explained in docs/monitoring.md, key by key, with an example that is legal", () => {
    const text = readFileSync(join(root, "docs/monitoring.md"), "utf8");
    for (const key of Object.keys(monitoringSchema.shape)) assert.ok(text.includes(`| \`${key}\` |`), key);
    const [, example] = /```yaml\nconfig:\n {2}rampart:monitoring:[^\n]*\n([\s\S]*?)\n```/.exec(text)!;
    assert.deepEqual(problems(example!.split("\n")), []);
  });

  it("has no place in the systems' stack file", () => {
    assert.match(problems(lines(), "systems")[0]!, /belongs into the platform layer's stack file/);
  });
});
