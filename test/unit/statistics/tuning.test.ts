import assert from "node:assert/strict";
import fc from "fast-check";
import { fewestKept } from "../../../bench/peers/tuning.ts";

it("a peer's setting is the least that no more than one good release in twenty breaks", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 50 }), { minLength: 1, maxLength: 200 }), (most) => {
      const broken = (failures: number) => most.filter((bad) => bad >= failures).length / most.length;
      const kept = fewestKept(most);
      assert.ok(broken(kept) <= 0.05);
      assert.ok(kept === 1 || broken(kept - 1) > 0.05);
    }),
  );
});
