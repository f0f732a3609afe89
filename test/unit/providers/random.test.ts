import assert from "node:assert/strict";
import fc from "fast-check";
import { type Properties, unknown } from "../../../local/providers/base/properties.ts";
import { type CharacterRules, randomCharacters, shuffled } from "../../../local/providers/random/characters.ts";
import { RandomProvider } from "../../../local/providers/random/random-provider.ts";

const rules: CharacterRules = {
  length: 12,
  lower: true,
  upper: true,
  numeric: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
  overrideSpecial: "",
};
const matches = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

describe("random characters", () => {
  it("have the wanted length and at least the wanted number of each class, and nothing that is switched off", () => {
    const few = fc.nat(4);
    fc.assert(
      fc.property(
        few,
        few,
        few,
        few,
        fc.integer({ min: 1, max: 12 }),
        fc.boolean(),
        (minLower, minUpper, minNumeric, minSpecial, more, special) => {
          const length = minLower + minUpper + minNumeric + minSpecial + more;
          const text = randomCharacters({ ...rules, length, minLower, minUpper, minNumeric, minSpecial, special });
          assert.equal(text.length, length);
          assert.ok(
            matches(text, /[a-z]/g) >= minLower &&
              matches(text, /[A-Z]/g) >= minUpper &&
              matches(text, /\d/g) >= minNumeric,
          );
          const specials = matches(text, /[^A-Za-z0-9]/g);
          assert.ok(special ? specials >= minSpecial : specials === minSpecial);
        },
      ),
    );
  });
  it("take the special characters that are given", () => {
    assert.match(
      randomCharacters({ ...rules, lower: false, upper: false, numeric: false, overrideSpecial: "_" }),
      /^_{12}$/,
    );
  });
  it("are refused where they can't be had", () => {
    assert.throws(
      () => randomCharacters({ ...rules, length: 2, minLower: 3 }),
      /length: 2 is less than the 3 characters/,
    );
    assert.throws(
      () => randomCharacters({ ...rules, lower: false, upper: false, numeric: false, special: false }),
      /at least one of/,
    );
  });
  it("are shuffled without loss", () => {
    fc.assert(fc.property(fc.array(fc.integer()), (list) => assert.deepEqual(shuffled(list).sort(), [...list].sort())));
  });
});

describe("the random provider", () => {
  const provider = new RandomProvider();
  const log = { progress() {}, warn() {} };
  const call = (name: string, inputs: Properties) => ({
    urn: "u",
    type: `random:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`,
    name: "r",
    log,
    inputs,
  });
  const create = (name: string, inputs: Properties, preview = false) =>
    provider.create({ ...call(name, inputs), preview, timeoutSeconds: 0 });
  const check = (name: string, inputs: Properties) =>
    provider.check({ ...call(name, inputs), oldInputs: {}, randomSeed: new Uint8Array() });

  it("gives the same bytes in all notations of an id", async () => {
    const { id, outputs } = await create("RandomId", { byteLength: 5, prefix: "p-" });
    const bytes = Buffer.from(id, "base64url");
    assert.deepEqual(outputs, {
      byteLength: 5,
      prefix: "p-",
      hex: `p-${bytes.toString("hex")}`,
      dec: `p-${BigInt(`0x${bytes.toString("hex")}`)}`,
      b64Std: `p-${bytes.toString("base64")}`,
      b64Url: `p-${id}`,
    });
  });
  it("keeps an integer in its range, both ends included, and repeats a shuffled list evenly", async () => {
    const seen = new Set<unknown>();
    for (let n = 0; n < 100; n++) seen.add((await create("RandomInteger", { min: 1, max: 3 })).outputs.result);
    assert.deepEqual([...seen].sort(), [1, 2, 3]);
    const { outputs } = await create("RandomShuffle", { inputs: ["a", "b"], resultCount: 4 });
    assert.deepEqual((outputs.results as string[]).sort(), ["a", "a", "b", "b"]);
  });
  it("knows nothing in a preview, and keeps a password secret", async () => {
    const { outputs, secrets } = await create("RandomPassword", { length: 9 }, true);
    assert.equal(outputs.result, unknown);
    assert.deepEqual(secrets, [["result"]]);
  });
  it("replaces a value whenever an input changes, but not when a default is spelled out", async () => {
    const before = (await check("RandomString", { length: 8 })).inputs;
    const diff = async (inputs: Properties) => {
      const after = (await check("RandomString", inputs)).inputs;
      return (await provider.diff({ ...call("RandomString", after), id: "x", oldInputs: before, oldOutputs: {} }))
        .changes;
    };
    assert.deepEqual(await diff({ length: 8, upper: true }), []);
    assert.deepEqual(await diff({ length: 8, keepers: { a: "b" } }), [
      { path: "keepers", kind: "update", replaces: true },
    ]);
  });
  it("refuses missing, unknown and wrong inputs by name", async () => {
    const reasons = async (name: string, inputs: Properties) =>
      (await check(name, inputs)).failures.map(({ property, reason }) => `${property} ${reason}`);
    assert.deepEqual(await reasons("RandomId", {}), ["byteLength is missing"]);
    assert.match(
      String(await reasons("RandomInteger", { min: 1, max: 2, seed: "x" })),
      /^seed is not offered .*min, max, keepers$/,
    );
    assert.deepEqual(await reasons("RandomString", { length: "8" }), ['length has to be of type number, got "8"']);
    await assert.rejects(check("RandomPet", {}), /randomPet:RandomPet is not offered/);
  });
});
