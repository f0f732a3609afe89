import assert from "node:assert/strict";
import { unknown } from "../../../local/providers/base/properties.ts";
import { fieldManagerOf, withName } from "../../../local/providers/kubernetes/naming.ts";

const seed = new Uint8Array([1, 2, 3]);

describe("the name of a Kubernetes object", () => {
  it("is the program's own where it gives one, also if it isn't known yet", () => {
    const given = { metadata: { name: "mine" } };
    assert.equal(withName(given, {}, "Web", seed), given);
    const later = { metadata: { name: unknown } };
    assert.equal(withName(later, {}, "Web", seed), later);
  });

  it("is generated from the resource's name, the same for the same seed, and marked", () => {
    const named = withName({ metadata: { labels: { a: "b" } } }, {}, "Web", seed);
    const { name, ...rest } = named.metadata as { name: string };
    assert.match(name, /^web-[0-9a-f]{8}$/);
    assert.deepEqual(rest, { labels: { a: "b" }, annotations: { "pulumi.com/autonamed": "true" } });
    assert.deepEqual(withName({ metadata: { labels: { a: "b" } } }, {}, "Web", seed), named);
    assert.notDeepEqual(withName({ metadata: { labels: { a: "b" } } }, {}, "Web", new Uint8Array([9])), named);
  });

  it("stays what it was generated as, but a given one that is taken away doesn't", () => {
    const old = { metadata: { name: "web-12345678", annotations: { "pulumi.com/autonamed": "true" } } };
    assert.deepEqual(withName({}, old, "web", seed).metadata, old.metadata);
    const given = withName({}, { metadata: { name: "mine" } }, "web", seed);
    assert.notEqual((given.metadata as { name: string }).name, "mine");
  });

  it("belongs to one field manager per resource", () => {
    assert.match(fieldManagerOf("urn:a"), /^pulumi-kubernetes-[0-9a-f]{8}$/);
    assert.equal(fieldManagerOf("urn:a"), fieldManagerOf("urn:a"));
    assert.notEqual(fieldManagerOf("urn:a"), fieldManagerOf("urn:b"));
  });
});
