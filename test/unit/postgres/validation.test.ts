import assert from "node:assert/strict";
import { parametersOf } from "../../../rollout/postgres/parameters.ts";
import type { ClusterRequest } from "../../../rollout/postgres/settings.ts";
import { refusals, sharedScopes } from "../../../rollout/postgres/validation.ts";
import { good } from "./fixture.ts";

describe("a request for a cluster of PostgreSQL", () => {
  it("is granted where nothing speaks against it", () => {
    assert.deepEqual(refusals({ ...good, runningVersion: 17 }), []);
    assert.deepEqual(sharedScopes([good, { ...good, namespace: "other" }]), []);
  });

  const alias = { ip: "10.0.0.1", hostnames: ["a"] };
  const refused: readonly [string, Partial<ClusterRequest>, RegExp][] = [
    ["a name that objects can't have", { scope: "Demo_1" }, /^scope: /],
    ["two members", { members: 2 }, /^members: got 2, allowed are 3 to 9/],
    ["less memory than the server needs", { memoryMiB: 200 }, /^memoryMiB: got 200/],
    ["a volume without room for WAL", { volumeMiB: 1000 }, /^volumeMiB: 1000 leaves 200 MiB.*at least 1125 is needed/],
    [
      "a lock that ends while it is renewed",
      { timings: { ttl: 14, loopWait: 5, retryTimeout: 5 } },
      /^timings: .* 15 s/,
    ],
    [
      "a frozen leader left in its Service",
      { readiness: { periodSeconds: 5, failureThreshold: 4 } },
      /^readiness: .* 20 s/,
    ],
    ["a downgrade", { runningVersion: 18 }, /18 runs and 17 is asked for.*a downgrade/],
    ["an upgrade in place", { runningVersion: 16 }, /an upgrade in place/],
    ["two aliases of one address", { hostAliases: [alias, alias] }, /^hostAliases: 10\.0\.0\.1 is there twice/],
  ];
  for (const [what, change, reason] of refused) {
    it(`is refused for ${what}`, () => {
      const found = refusals({ ...good, ...change });
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0]!, reason);
    });
  }

  it("is refused for a scope that another cluster of the namespace has", () => {
    assert.deepEqual(sharedScopes([good, good]).length, 1);
  });

  it("takes the volume that the refusal of a smaller one names", () => {
    assert.deepEqual(refusals({ ...good, volumeMiB: 1125 }), []);
  });
});

describe("the parameters of a member", () => {
  it("grow with its memory, and leave WAL less than the volume has left", () => {
    const small = parametersOf(good);
    const large = parametersOf({ ...good, memoryMiB: 8192 });
    assert.deepEqual([small.shared_buffers, large.shared_buffers], ["96MB", "2048MB"]);
    assert.deepEqual([small.max_connections, large.max_connections], [25, 409]);
    assert.equal(small.max_slot_wal_keep_size, "671MB");
  });
});
