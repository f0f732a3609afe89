import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { basisPoints, bucketOf, isExposed } from "../../../rollout/assignment/bucket.ts";
import { assign, segmentOf } from "../../../rollout/assignment/segment.ts";

const percent = fc.integer({ min: 0, max: 10_000 }).map((points) => points / 100);
const users = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);

describe("a user's bucket", () => {
  it("is the one in every row of the documentation", () => {
    const text = readFileSync(new URL("../../../docs/bucketing.md", import.meta.url), "utf8");
    const rows = [...text.matchAll(/^\| (\S+) \| (\S*) \| (\d+) \| (in|out) \| (in|out) \|$/gm)];
    assert.ok(rows.length >= 10, `${rows.length} rows`);
    for (const [, flag, user, bucket, at10, at25] of rows) {
      assert.equal(bucketOf(flag!, user!), Number(bucket));
      assert.equal(isExposed(flag!, user!, 10), at10 === "in");
      assert.equal(isExposed(flag!, user!, 25), at25 === "in");
    }
  });

  it("only ever adds users as the percent grows", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), percent, percent, (flag, user, a, b) => {
        if (isExposed(flag, user, Math.min(a, b))) assert.ok(isExposed(flag, user, Math.max(a, b)));
        assert.ok(isExposed(flag, user, 100) && !isExposed(flag, user, 0));
      }),
    );
  });

  it("is spread evenly: no tenth has far more or fewer than its share", () => {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const user of users) tenths[Math.floor(bucketOf("flag", user) / 1000)]! += 1;
    const chiSquare = tenths.reduce((sum, count) => sum + (count - 2000) ** 2 / 2000, 0);
    // 27.9 is exceeded by chance once in a thousand; the users are always the same, so this can't flake.
    assert.ok(chiSquare < 27.9, `${chiSquare}`);
  });

  it("for one flag says nothing about another", () => {
    const first = users.filter((user) => isExposed("flag-a", user, 10));
    const both = first.filter((user) => isExposed("flag-b", user, 10));
    const expected = first.length / 10;
    assert.ok(Math.abs(both.length - expected) < 4 * Math.sqrt(expected), `${both.length} of ${first.length}`);
  });

  it("keeps flags apart whose names and users run together", () => {
    assert.notEqual(bucketOf("a", "b:c"), bucketOf("a:b", "c"));
    assert.throws(() => bucketOf("", "x"), /flag's name is empty/);
  });

  it("takes two decimals of a percent and refuses more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), (points) => assert.equal(basisPoints(points / 100), points)),
    );
    for (const wrong of [0.001, 33.333, -0.01, 100.01, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => basisPoints(wrong), /two decimals at most/);
    }
  });
});

describe("a segment", () => {
  const rules = [
    { segment: "internal", attribute: "email", endsWith: "@example.com" },
    { segment: "beta", attribute: "plan", oneOf: ["beta", "preview"] },
  ];
  const user = (attributes: Record<string, string>) => ({ id: "user-7", attributes });

  it("is that of the first rule that fits: internal first", () => {
    assert.equal(segmentOf(user({ email: "a@example.com", plan: "beta" }), rules, "customers"), "internal");
    assert.equal(segmentOf(user({ email: "a@other.org", plan: "beta" }), rules, "customers"), "beta");
    assert.equal(segmentOf(user({}), rules, "customers"), "customers");
    assert.equal(segmentOf(user({ email: "a@example.com.evil.org" }), rules, "customers"), "customers");
  });

  it("that a phase doesn't name gets nothing", () => {
    const { on, why } = assign("flag", user({}), rules, "customers", { internal: 100, beta: 100 });
    assert.equal(on, false);
    assert.match(why, /^customers is at 0 %/);
    assert.ok(assign("flag", user({ email: "a@example.com" }), rules, "customers", { internal: 100 }).on);
  });

  it("doesn't move a user's place in line", () => {
    const exposure = { internal: 50, beta: 50, customers: 50 };
    const kinds: Record<string, string>[] = [{}, { plan: "beta" }, { email: "a@example.com" }];
    const places = kinds.map((attributes) => assign("flag", user(attributes), rules, "customers", exposure));
    assert.equal(new Set(places.map(({ on, bucket }) => `${on} ${bucket}`)).size, 1);
  });
});
