import assert from "node:assert/strict";
import fc from "fast-check";
import {
  cap,
  isWithin,
  lower,
  overall,
  percentOf,
  shownPercent,
  shrinkingSegments,
} from "../../../rollout/exposure/exposure.ts";

const exposure = fc.dictionary(fc.constantFrom("internal", "beta", "standard"), fc.nat({ max: 100 }));

describe("the cap of an exposure", () => {
  const phase = { internal: 100, standard: 5 };
  it("is the phase's while all is well", () => assert.deepEqual(cap({ settled: false, phase }), phase));
  it("is nothing when settled", () => assert.deepEqual(cap({ settled: true, phase }), { internal: 0, standard: 0 }));
  it("is where an abort went, never above the phase", () => {
    assert.deepEqual(cap({ settled: false, phase, abortedTo: {} }), { internal: 0, standard: 0 });
    assert.deepEqual(cap({ settled: false, phase, abortedTo: { internal: 100 } }), { internal: 100, standard: 0 });
    assert.deepEqual(cap({ settled: false, phase, abortedTo: { standard: 25 } }), { internal: 0, standard: 5 });
  });
  it("never rises by an abort or by settling", () => {
    fc.assert(
      fc.property(exposure, exposure, fc.boolean(), (one, abortedTo, settled) => {
        assert.ok(isWithin(cap({ settled, phase: one, abortedTo }), cap({ settled: false, phase: one })));
        assert.ok(isWithin(cap({ settled: false, phase: one, abortedTo }), abortedTo));
      }),
    );
  });
  it("is monotone: a higher phase never caps lower", () => {
    fc.assert(
      fc.property(exposure, exposure, exposure, (a, b, abortedTo) => {
        const low = lower(a, b);
        assert.ok(
          isWithin(cap({ settled: false, phase: low, abortedTo }), cap({ settled: false, phase: a, abortedTo })),
        );
      }),
    );
  });
});

describe("segments", () => {
  it("that aren't named get nothing, whatever their name", () => {
    assert.equal(percentOf({}, "toString"), 0);
    assert.equal(isWithin({ beta: 1 }, {}), false);
  });
  it("that shrink from phase to phase are found", () => {
    assert.deepEqual(shrinkingSegments([{ a: 5, b: 10 }, { a: 10, b: 10 }, { a: 10 }]), ["b"]);
    assert.deepEqual(shrinkingSegments([{}, { a: 5 }, { a: 5, b: 1 }]), []);
  });
  it("weigh by their size", () => {
    const sizes = [
      { segment: "internal", share: 1 },
      { segment: "standard", share: 99 },
    ];
    assert.equal(overall({ internal: 100 }, sizes), 1);
    assert.equal(overall({ internal: 100, standard: 100 }, sizes), 100);
    assert.equal(overall({ internal: 100, standard: 5 }, sizes.slice(1)), 5);
    assert.equal(overall({ internal: 100 }, []), 0);
  });
  it("never weigh to more than the largest of them", () => {
    const sizes = fc.array(fc.record({ segment: fc.constantFrom("internal", "beta"), share: fc.nat({ max: 100 }) }));
    fc.assert(
      fc.property(exposure, sizes, (one, list) => {
        assert.ok(overall(one, list) <= Math.max(0, ...Object.values(one)) + 1e-9);
      }),
    );
  });
});

it("a settled system shows 100 percent, although no canary has traffic", () => {
  assert.equal(shownPercent(true, 0), 100);
  assert.equal(shownPercent(false, 25), 25);
});
