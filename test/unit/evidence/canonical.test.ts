import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson, digestOf } from "../../../rollout/evidence/canonical.ts";

describe("canonical JSON", () => {
  it("spells the example of RFC 8785 as the RFC does", () => {
    const value = {
      numbers: [JSON.parse("333333333.33333329"), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"/",
      literals: [null, true, false],
    };
    const expected =
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}';
    assert.equal(canonicalJson(value), expected);
  });

  it("sorts keys by UTF-16 code unit, as the RFC's own list of keys shows", () => {
    const keys = ["\u20ac", "\r", "\ufb33", "1", "\ud83d\ude00", "\u0080", "\u00f6"];
    const sorted = Object.keys(JSON.parse(canonicalJson(Object.fromEntries(keys.map((key) => [`k${key}`, 0])))));
    assert.deepEqual(
      sorted,
      ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33"].map((key) => `k${key}`),
    );
  });

  it("does not depend on the order of keys, and reads back as the same value", () => {
    const shuffled = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shuffled)
        : typeof value === "object" && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, item]) => [key, shuffled(item)]),
            )
          : value;
    const json = fc
      .jsonValue({ noUnicodeString: false, stringUnit: "binary" })
      .map((value) => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(json, (value) => {
        assert.equal(canonicalJson(shuffled(value)), canonicalJson(value));
        assert.deepEqual(JSON.parse(canonicalJson(value)), value);
      }),
    );
  });

  it("refuses what JSON can't say, and names the place", () => {
    for (const value of [
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      new Date(0),
      new Map(),
      () => 1,
      "\ud800",
      [undefined],
    ]) {
      assert.throws(() => canonicalJson({ deep: [value] }), /^TypeError: \$\.deep\[0\]/);
    }
  });

  it("leaves out keys that are undefined", () => {
    assert.equal(digestOf({ a: 1, b: undefined }), digestOf({ a: 1 }));
    assert.equal(digestOf({}), "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  });
});
