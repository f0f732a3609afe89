import assert from "node:assert/strict";
import fc from "fast-check";
import { nearestNumber, nearestWord } from "../../../rollout/config/nearest.ts";

describe("the nearest legal value", () => {
  it("is the word with the fewest other letters", () => {
    assert.equal(nearestWord("wdxb", ["wdbx", "dwcp-v3"]), "wdbx");
    assert.equal(nearestWord("DWCP-V3", ["wdbx", "dwcp-v3"]), "dwcp-v3");
    assert.equal(nearestWord("dwcp-bulshark", ["dwcp-bullshark", "dwcp-manager"]), "dwcp-bullshark");
  });
  it("is none when nothing is close", () => {
    assert.equal(nearestWord("postgres", ["wdbx", "dwcp-v3"]), undefined);
    assert.equal(nearestWord("x", []), undefined);
  });
  it("is the closest number, the lower of two", () => {
    assert.equal(nearestNumber(30, [100, 50, 25, 5]), 25);
    assert.equal(nearestNumber(15, [25, 5]), 5);
    assert.equal(nearestNumber(15, []), undefined);
  });
  it("is always one of the allowed ones, and none is closer", () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat({ max: 100 }), { minLength: 1 }), (value, allowed) => {
        const nearest = nearestNumber(value, allowed)!;
        assert.ok(allowed.includes(nearest));
        assert.ok(allowed.every((one) => Math.abs(one - value) >= Math.abs(nearest - value)));
      }),
    );
  });
});
