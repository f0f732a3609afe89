import assert from "node:assert/strict";
import {
  isSelected,
  type PodSpec,
  parseDeployments,
  parsePods,
  podDifferences,
  runningImage,
} from "../../../rollout/adoption/old-pods.ts";

const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const deployment = (...images: string[]) =>
  parseDeployments([
    {
      metadata: { name: "web" },
      spec: {
        template: {
          spec: { containers: images.map((image, index) => ({ name: index === 0 ? "app" : "proxy", image })) },
        },
      },
    },
  ])[0]!;
const pod = (imageID: string, ready = true) => ({ status: { containerStatuses: [{ name: "app", ready, imageID }] } });
const image = (name: string, ...pods: object[]) => runningImage(deployment(name), parsePods(pods));

describe("the image that pods run", () => {
  it("is the one by digest that they name", () => {
    const name = `registry.example:5000/web@${digest("a")}`;
    assert.deepEqual(image(name, pod("")), { image: name });
    assert.deepEqual(image(`web:2@${digest("a")}`, pod("")), { image: `web@${digest("a")}` });
  });

  it("is what the node says where they name a tag", () => {
    const running = pod(`registry.example/web@${digest("b")}`);
    assert.deepEqual(image("registry.example:5000/web:2", running, running), {
      image: `registry.example:5000/web@${digest("b")}`,
    });
  });

  it("is unknown while pods differ, aren't ready, or the node doesn't say", () => {
    assert.match(image("web:2", pod(`x@${digest("a")}`), pod(`x@${digest("b")}`)).problem!, /2 different images/);
    assert.match(image("web:2", pod(`x@${digest("a")}`, false)).problem!, /none of its pods is ready/);
    assert.match(image("web:2", pod("")).problem!, /name the image by digest/);
  });

  it("is one only", () => {
    assert.match(runningImage(deployment("web", "proxy"), []).problem!, /several containers \(app, proxy\)/);
  });
});

describe("what the old pods have and the new ones don't", () => {
  const spec = (container: object, more: object = {}): PodSpec =>
    parseDeployments([
      {
        metadata: { name: "web" },
        spec: { template: { spec: { containers: [{ name: "app", image: "web", ...container }], ...more } } },
      },
    ])[0]!.spec.template.spec;

  it("is nothing where they are the same, whatever the new ones have beside", () => {
    const env = [{ name: "A", value: "1" }];
    const fresh = spec({ env: [...env, { name: "TRACK", value: "stable" }], args: ["-x"] });
    assert.deepEqual(podDifferences(spec({ env }), fresh), []);
  });

  it("is named field by field, without a value", () => {
    const old = spec(
      { env: [{ name: "A", value: "secret" }, { name: "B" }], ports: [{ containerPort: 81 }], args: ["-secret"] },
      { volumes: [{ name: "secret" }], initContainers: [{ name: "migrate", image: "web" }], serviceAccountName: "web" },
    );
    const said = podDifferences(old, spec({ env: [{ name: "A", value: "other" }] }));
    assert.deepEqual(said, [
      "the variable A has another value",
      "the variable B is missing",
      "port 81 is missing",
      "serviceAccountName is missing or different",
      "volumes is missing or different",
      "args is missing or different",
      "the init container migrate is missing",
    ]);
    assert.doesNotMatch(said.join(), /secret/);
  });
});

describe("a selector", () => {
  it("takes what has all its labels", () => {
    assert.ok(isSelected({ app: "web" }, { app: "web", tier: "1" }));
    assert.ok(!isSelected({ app: "web", tier: "2" }, { app: "web", tier: "1" }));
  });
});
