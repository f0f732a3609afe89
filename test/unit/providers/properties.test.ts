import assert from "node:assert/strict";
import fc from "fast-check";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import {
  at,
  decode,
  encode,
  hasUnknowns,
  type Properties,
  secretsOfOutputs,
  unknown,
} from "../../../local/providers/base/properties.ts";

const signature = "4dabf18193072939515e22adb298388d";
const secret = (value: unknown) => ({ [signature]: "1b47061264138c4ac30d75fd1eb44270", value });
const decoded = (value: unknown) =>
  decode(struct.Struct.fromJavaScript(value as Record<string, struct.JavaScriptValue>));

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.string(),
    fc.boolean(),
    fc.integer(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name(), tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

function name() {
  return fc.stringMatching(/^[a-z][a-zA-Z/.-]{0,8}$/);
}

describe("properties of the engine", () => {
  it("come back as they went, whatever they hold", () => {
    fc.assert(
      fc.property(fc.dictionary(name(), json, { maxKeys: 4, noNullPrototype: true }), (value) => {
        const back = decode(encode(value as Properties));
        assert.deepEqual(back.value, value);
        assert.deepEqual(back.secrets, []);
      }),
    );
  });

  it("open secrets and remember where they were", () => {
    const { value, secrets } = decoded({ data: secret({ a: "1" }), list: ["x", secret("y")] });
    assert.deepEqual(value, { data: { a: "1" }, list: ["x", "y"] });
    assert.deepEqual(secrets, [["data"], ["list", 1]]);
    assert.deepEqual(encode(value, secrets).toJavaScript(), { data: secret({ a: "1" }), list: ["x", secret("y")] });
  });

  it("mark a secret inside another one", () => {
    const marked = encode({ a: { b: "1" } }, [["a"], ["a", "b"]]).toJavaScript();
    assert.deepEqual(marked, { a: secret({ b: secret("1") }) });
  });

  it("leave a secret out whose place is gone", () => {
    assert.deepEqual(
      encode({ a: 1 }, [
        ["b", "c"],
        ["a", "d"],
      ]).toJavaScript(),
      { a: 1 },
    );
  });

  it("make a whole list secret in outputs, because its order may change", () => {
    assert.deepEqual(secretsOfOutputs([["spec", "containers", 0, "env"], ["data"]]), [
      ["spec", "containers"],
      ["data"],
    ]);
  });

  it("know one kind of unknown for each of the engine's", () => {
    const { value } = decoded({ n: "3eeb2bf0-c639-47a8-9e75-3b44932eb421", deep: [{ s: unknown }] });
    assert.equal(value.n, unknown);
    assert.ok(hasUnknowns(at(value, "deep")));
    assert.ok(!hasUnknowns({ a: ["b", null, { c: 1 }] }));
  });

  it("refuse what is no plain value by name and place", () => {
    const asset = { [signature]: "c44067f5952c0a294b673a41bacd8c17", text: "x" };
    assert.throws(() => decoded({ data: { file: asset } }), /data\.file: an asset is not offered/);
  });
});
