import assert from "node:assert/strict";
import { isOutbreak, looked, noOutbreak, type Outbreak } from "../../../rollout/statistics/outbreak.ts";

/** Repeatable. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const limit = 0.01;
const alpha = 0.05;

/** How many looks it takes until it is called one. */
function looksUntil(share: (look: number) => number, perLook: number, looks: number, seed: number): number | undefined {
  const roll = dice(seed);
  let outbreak: Outbreak = noOutbreak;
  for (let look = 1; look <= looks; look += 1) {
    const k = Array.from({ length: perLook }, roll).filter((one) => one < share(look)).length;
    outbreak = looked(outbreak, { n: perLook, k }, limit);
    if (isOutbreak(outbreak, looks, alpha)) return look;
  }
  return undefined;
}

describe("an outbreak", () => {
  it("is seldom called where the share is just within its limit", () => {
    const runs = Array.from({ length: 150 }, (_, seed) => looksUntil(() => limit, 10, 200, seed));
    const called = runs.filter((look) => look !== undefined).length;
    assert.ok(called <= alpha * runs.length, `${called} of ${runs.length}`);
  });

  it("is seldom called where failures come in pairs", () => {
    const runs = Array.from({ length: 150 }, (_, seed) => {
      const roll = dice(seed);
      let outbreak: Outbreak = noOutbreak;
      return Array.from({ length: 200 }).some(() => {
        const k = 2 * Array.from({ length: 5 }, roll).filter((one) => one < limit).length;
        outbreak = looked(outbreak, { n: 10, k }, limit);
        return isOutbreak(outbreak, 200, alpha);
      });
    });
    const called = runs.filter(Boolean).length;
    assert.ok(called <= alpha * runs.length, `${called} of ${runs.length}`);
  });

  it("is called after a handful when everything fails, a long calm before it notwithstanding", () => {
    const began = 2_000;
    const found = looksUntil((look) => (look > began ? 1 : 0.001), 5, 4_000, 1);
    assert.ok(found !== undefined && found > began && found <= began + 3, `${found}`);
  });

  it("is called in the end where the share is five times its limit", () => {
    assert.ok(looksUntil(() => 5 * limit, 10, 2_000, 3) !== undefined);
  });

  it("stays one however long nobody does anything about it", () => {
    let outbreak = noOutbreak;
    for (let look = 0; look < 10_000; look += 1) outbreak = looked(outbreak, { n: 100, k: 100 }, limit);
    assert.ok(isOutbreak(outbreak, 10_000, alpha));
    assert.ok(outbreak.logs.every(Number.isFinite));
  });
});
