import assert from "node:assert/strict";
import { unknownCheckingProxy } from "@pulumi/policy";
import { plainProps } from "../../../policies/plain-props.ts";

const unknownText = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const unknownNumber = "3eeb2bf0-c639-47a8-9e75-3b44932eb421";

/** As the policy SDK hands inputs over: whoever touches an unknown gets an error. */
const seen = (props: object) => plainProps(unknownCheckingProxy(props));

describe("a resource's inputs as plain data", () => {
  it("are what they were, through lists and maps", () => {
    const props = { a: 1, list: [{ b: "x" }, null, true], none: null, empty: { list: [], map: {} } };
    assert.deepEqual(seen(props), { value: props, unknown: [] });
  });

  it("leave out what isn't known and say where it was, without an error", () => {
    const props = { spec: { phase: unknownText, sizes: [1, unknownNumber] }, known: "yes" };
    assert.throws(() => unknownCheckingProxy(props).spec.phase);
    assert.deepEqual(seen(props), {
      value: { spec: { sizes: [1, undefined] }, known: "yes" },
      unknown: ["spec.phase", "spec.sizes.1"],
    });
  });

  it("aren't fooled by a key that looks like a prototype", () => {
    const { value } = seen(JSON.parse('{"__proto__": {"isAdmin": true}, "a": 1}'));
    assert.equal((value as { isAdmin?: boolean }).isAdmin, undefined);
  });
});
