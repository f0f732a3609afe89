import assert from "node:assert/strict";
import fc from "fast-check";
import { checkCapacity, type NodeCapacity, type TrackNeed } from "../../../rollout/arithmetic/capacity.ts";
import { parseQuantity } from "../../../rollout/arithmetic/quantity.ts";

const GiB = 2 ** 30;
const nodes = (count: number, cpu: number, memory: number): NodeCapacity[] =>
  Array.from({ length: count }, (_, index) => ({ name: `node-${index + 1}`, cpu, memory: memory * GiB }));
const need = (track: string, replicas: number, cpu: number, memory: number): TrackNeed => ({
  track,
  replicas,
  cpu,
  memory: memory * GiB,
});
const both = [need("stable", 6, 8, 16), need("canary", 2, 8, 16)];

describe("the capacity of a cluster", () => {
  it("is not enough on three nodes of 16 cores for six stable pods and two of the canary, and eight nodes would do", () => {
    const { fits, homeless, nodesMissing, reason } = checkCapacity(nodes(3, 16, 32), both, 10);
    assert.ok(!fits);
    assert.equal(homeless.stable! + homeless.canary!, 5);
    assert.equal(nodesMissing, 5);
    assert.match(
      reason,
      /6 stable pods of 8 cores and 16 GiB and 2 canary pods .* don't fit on 3 nodes with 10 % kept free/,
    );
    assert.match(
      reason,
      /20\.8 cores short, 41\.6 GiB short\); 5 more nodes like node-1 \(16 cores, 32 GiB\) would do$/,
    );
    assert.ok(checkCapacity(nodes(8, 16, 32), both, 10).fits);
    assert.ok(!checkCapacity(nodes(7, 16, 32), both, 10).fits);
  });

  it("is exactly enough without a reserve on four", () => {
    assert.ok(checkCapacity(nodes(4, 16, 32), both, 0).fits);
  });

  it("sees that pods don't fit on any one node though they do in sum", () => {
    const { fits, reason } = checkCapacity(nodes(3, 16, 64), [need("stable", 4, 9, 1)], 0);
    assert.ok(!fits);
    assert.match(reason, /enough in sum, but not on one node/);
  });

  it("says so when no number of nodes would do", () => {
    assert.equal(checkCapacity(nodes(5, 4, 8), [need("stable", 1, 8, 1)], 0).nodesMissing, undefined);
    assert.match(checkCapacity([], both, 0).reason, /no number of such nodes would do/);
  });

  it("is never made worse by a further node, and the missing nodes are exactly enough", () => {
    const anyNodes = fc
      .array(fc.record({ cpu: fc.integer({ min: 1, max: 32 }), memory: fc.integer({ min: 1, max: 64 }) }), {
        minLength: 1,
        maxLength: 6,
      })
      .map((list) => list.map((item, index) => ({ name: `n${index}`, ...item })));
    const anyNeeds = fc
      .array(
        fc.record({
          replicas: fc.integer({ min: 0, max: 5 }),
          cpu: fc.integer({ min: 1, max: 16 }),
          memory: fc.integer({ min: 1, max: 32 }),
        }),
        { minLength: 1, maxLength: 2 },
      )
      .map((list) => list.map((item, index) => ({ track: ["stable", "canary"][index]!, ...item })));
    fc.assert(
      fc.property(anyNodes, anyNeeds, fc.integer({ min: 0, max: 50 }), (have, want, reserve) => {
        const found = checkCapacity(have, want, reserve);
        assert.equal(found.fits, found.nodesMissing === 0);
        const largest = [...have].sort((a, b) => b.cpu - a.cpu || b.memory - a.memory)[0]!;
        if (found.nodesMissing) {
          const more = [...have, ...Array.from({ length: found.nodesMissing }, () => largest)];
          assert.ok(checkCapacity(more, want, reserve).fits);
        }
        const room = have.reduce((sum, { cpu }) => sum + (cpu * (100 - reserve)) / 100, 0);
        const asked = want.reduce((sum, { cpu, replicas }) => sum + cpu * replicas, 0);
        if (asked > room + 1e-6) assert.ok(!found.fits);
      }),
    );
  });

  it("refuses a reserve of everything", () => {
    assert.throws(() => checkCapacity(nodes(1, 1, 1), both, 100), /a reserve of 100 %/);
  });
});

describe("a quantity", () => {
  it("is read as Kubernetes reads it", () => {
    assert.deepEqual(
      ["500m", "8", "16Gi", "1.5", "2k", "1Ki"].map(parseQuantity),
      [0.5, 8, 17_179_869_184, 1.5, 2000, 1024],
    );
    for (const wrong of ["", "16GB", "-1", "1e3", " 1", "0x1", "Gi"])
      assert.throws(() => parseQuantity(wrong), /not a quantity/);
  });
});
