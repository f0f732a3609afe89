import assert from "node:assert/strict";
import {
  agreedAtPromotion,
  agreedInPair,
  isToldToFollow,
  type Pair,
  pairRefusals,
  versionsInPair,
} from "../../../rollout/postgres/pair.ts";

const pair: Pair = {
  namespace: "data",
  clusters: [
    { scope: "old", members: 2 },
    { scope: "new-one", members: 3 },
  ],
  leads: "old",
};

describe("two clusters with the same data", () => {
  it("are refused where both are one, or neither would lead", () => {
    assert.deepEqual(pairRefusals(pair), []);
    const [one] = pair.clusters;
    assert.match(pairRefusals({ ...pair, clusters: [one, one] })[0]!, /old can't follow itself/);
    assert.match(pairRefusals({ ...pair, leads: "oldest" })[0]!, /got "oldest", allowed are old and new-one/);
  });

  it("are refused with different major versions, in the words of both, and nobody else counts", () => {
    const old = { scope: "old", namespace: "data", postgresVersion: 15 };
    const fresh = { scope: "new-one", namespace: "data", postgresVersion: 17 };
    const [found, ...others] = versionsInPair(fresh, pair, [old, fresh]);
    assert.match(found!, /^postgresVersion: new-one is to have 17 and old has 15; .*neither can follow the other/);
    assert.deepEqual(others, []);
    const strangers = [fresh, { ...old, postgresVersion: 17 }, { ...old, scope: "third" }, { ...old, namespace: "x" }];
    assert.deepEqual(versionsInPair(fresh, pair, strangers), []);
  });

  it("agree that one follows all members of the other, from a slot that the other keeps", () => {
    assert.deepEqual(agreedInPair({ ttl: 20 }, "old", pair), { ttl: 20, slots: { new_one: { type: "physical" } } });
    assert.deepEqual(agreedInPair({ ttl: 20 }, "new-one", pair), {
      ttl: 20,
      standby_cluster: {
        host: "old-0.old.data.svc,old-1.old.data.svc",
        port: 5432,
        primary_slot_name: "new_one",
        create_replica_methods: ["basebackup"],
      },
    });
  });

  it("let no row of a new leader count that it alone has, where rows had to be elsewhere before", () => {
    const quorum = { synchronous_mode: "quorum", synchronous_mode_strict: false };
    assert.deepEqual(agreedAtPromotion(quorum), { ...quorum, synchronous_mode_strict: true });
    const asynchronous = { synchronous_mode: false, synchronous_mode_strict: false };
    assert.deepEqual(agreedAtPromotion(asynchronous), asynchronous);
  });

  it("come to the very same text whether it is written anew or changed, so that a second update has nothing to do", () => {
    const turned = { ...pair, leads: "new-one" };
    for (const scope of ["old", "new-one"]) {
      const anew = agreedInPair({ ttl: 20, loop_wait: 5 }, scope, turned);
      const changed = agreedInPair(agreedInPair({ ttl: 20, loop_wait: 5 }, scope, pair), scope, turned);
      assert.equal(JSON.stringify(changed), JSON.stringify(anew));
      assert.equal(isToldToFollow(anew), scope === "old");
    }
  });
});
