import assert from "node:assert/strict";
import {
  agreedAtPromotion,
  agreedInPair,
  halfRefusals,
  isLogical,
  isToldToFollow,
  type Pair,
  pairRefusals,
  routesOf,
} from "../../../rollout/postgres/pair.ts";

const pair: Pair = {
  namespace: "data",
  clusters: [
    { scope: "old", members: 2, postgresVersion: 17 },
    { scope: "new-one", members: 3, postgresVersion: 17 },
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

  it("are refused where one is another than its lead knows, or the new one older than the old one", () => {
    const [one, other] = pair.clusters;
    assert.deepEqual(halfRefusals(one, pair), []);
    assert.match(halfRefusals({ ...one, postgresVersion: 16 }, pair)[0]!, /^postgresVersion: got 16, .* old has 17/);
    assert.match(halfRefusals({ ...one, scope: "third" }, pair)[0]!, /between old and new-one, and this is third/);
    const backwards: Pair = { ...pair, clusters: [one, { ...other, postgresVersion: 15 }] };
    assert.match(pairRefusals(backwards)[0]!, /^clusters: old comes first and has 17, new-one has 15/);
  });

  it("send rows where their major versions differ, WAL where they don't", () => {
    const [one, other] = pair.clusters;
    const logical: Pair = { ...pair, clusters: [{ ...one, postgresVersion: 15 }, other] };
    assert.deepEqual([isLogical(pair), isLogical(logical)], [false, true]);
    assert.deepEqual([routesOf(pair), routesOf(logical)], [["primary"], ["primary", "replica"]]);
    const rows = { type: "logical", database: "app", plugin: "pgoutput" };
    const leading = { ttl: 20, slots: { new_one: rows }, ignore_slots: [rows] };
    assert.deepEqual(agreedInPair({ ttl: 20 }, "old", logical), leading);
    // Nothing of having led is left, so that the slot goes.
    assert.deepEqual(agreedInPair(leading, "old", { ...logical, leads: "new-one" }), { ttl: 20 });
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
