import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ClusterSeen,
  type MemberSeen,
  nextStep,
  type Progress,
  type Seen,
  type Step,
} from "../../../rollout/postgres/cutover.ts";

const fresh: Progress = {
  isFlushed: true,
  isPauseOver: false,
  secondsBetween: 0,
  wasCopied: false,
  isTakenBack: false,
};

function cluster(scope: string, change: Partial<ClusterSeen> & { readonly wal?: readonly number[] } = {}): ClusterSeen {
  const { wal = [100, 100, 100], ...rest } = change;
  const members = wal.map(
    (wal, index): MemberSeen => ({
      ...{ name: `${scope}-${index}`, isPrimary: false, isStreaming: true, isCopied: false, wal },
    }),
  );
  return { scope, size: 3, isToldToFollow: true, holder: `${scope}-0`, end: "none", members, ...rest };
}

/** With its first member taking writes. */
const leading = (seen: ClusterSeen): ClusterSeen => ({
  ...seen,
  members: seen.members.map((member, index) => ({ ...member, isPrimary: index === 0 })),
});
const told = (scope: string): ClusterSeen => leading(cluster(scope, { isToldToFollow: false }));

const begin: Seen = { coming: cluster("new"), going: told("old"), isRouted: false, pools: "open" };
const between: Seen = { ...begin, going: cluster("old"), pools: "paused" };
const arrived: Seen = { coming: told("new"), going: cluster("old"), isRouted: false, pools: "paused" };

const asked = (seen: Seen, progress: Partial<Progress> = {}): Step["do"] =>
  nextStep(seen, { ...fresh, ...progress }).do;

describe("the lead of two clusters", () => {
  it("goes over by pausing clients, ending the old leader, making the new one, sending clients there and letting them go", () => {
    assert.equal(asked(begin, { isFlushed: false }), "flush");
    assert.equal(asked(begin), "pause");
    assert.equal(asked({ ...begin, pools: "paused" }), "demote");
    assert.equal(asked(between), "promote");
    assert.equal(asked(arrived), "route");
    assert.equal(asked({ ...arrived, isRouted: true }), "resume");
    assert.equal(asked({ ...arrived, isRouted: true, pools: "open" }), "done");
  });

  it("stays where it is while the one that comes doesn't stream, or has far to go", () => {
    const silent = cluster("new", { members: cluster("new").members.map((each) => ({ ...each, isStreaming: false })) });
    assert.equal(asked({ ...begin, coming: silent }), "wait");
    assert.equal(asked({ ...begin, coming: cluster("new", { wal: [100] }), going: leading(far) }), "wait");
  });
  const far = cluster("old", { isToldToFollow: false, wal: [100 + 17 * 1024 * 1024, 0, 0] });

  it("waits for clients that don't end their transactions no longer than a pause takes", () => {
    assert.equal(asked({ ...begin, pools: "mixed" }, { isPauseOver: true }), "demote");
  });

  it("is nobody's as long as anybody of the old cluster has more than the new leader, takes writes, or is unheard", () => {
    const still: ClusterSeen[] = [
      cluster("old", { wal: [100, 101, 100] }),
      leading(cluster("old")),
      cluster("old", { wal: [100] }),
      cluster("old", { holder: undefined }),
      cluster("old", { holder: "old-2", wal: [100, 100] }),
    ];
    for (const going of still) assert.equal(asked({ ...between, going }), "wait", JSON.stringify(going));
    assert.equal(asked({ ...between, going: cluster("old", { wal: [100, 100] }) }), "promote");
  });

  it("goes over without the old leader once its server has ended, where what counted had reached the others", () => {
    const others = cluster("old").members.slice(1);
    const going = cluster("old", { members: others, end: "over" });
    assert.equal(asked({ ...between, going }, { wasCopied: true }), "promote");
    assert.equal(asked({ ...between, going }), "wait");
    assert.equal(asked({ ...between, going: { ...going, end: "none" } }, { wasCopied: true }), "wait");
    assert.equal(asked({ ...between, going: { ...going, members: others.slice(1) } }, { wasCopied: true }), "wait");
    const left = (seen: ClusterSeen): ClusterSeen => ({
      ...seen,
      members: seen.members.map((each) => ({ ...each, isStreaming: false })),
    });
    const ending = { coming: left(between.coming), going: left({ ...going, end: "begun" }) };
    assert.equal(asked({ ...between, ...ending }, { wasCopied: true }), "promote");
    assert.equal(asked({ ...between, ...ending, coming: between.coming }, { wasCopied: true }), "wait");
    assert.equal(asked({ ...between, going: { ...going, end: "begun" } }, { wasCopied: true }), "wait");
    const ahead = cluster("old", { wal: [100, 101, 100] }).members.slice(1);
    assert.equal(asked({ ...between, going: { ...going, members: ahead } }, { wasCopied: true }), "wait");
  });

  it("goes back when the new cluster doesn't get all within its time, and clients go on there", () => {
    const short = { ...between, going: cluster("old", { wal: [101, 101, 101] }) };
    assert.equal(asked(short, { secondsBetween: 41 }), "take-back");
    const back = { isTakenBack: true };
    assert.equal(asked({ ...short, going: cluster("old", { isToldToFollow: false }) }, back), "wait");
    assert.equal(asked({ ...begin, pools: "paused" }, back), "resume");
    assert.equal(asked(begin, back), "give-up");
  });

  it("is given to nobody where both are told to lead", () => {
    assert.equal(asked({ ...begin, coming: told("new") }), "give-up");
  });

  it("is never given away before the old cluster is told to follow and the new leader has all that any member has", () => {
    const wal = fc.array(fc.integer({ min: 98, max: 102 }), { minLength: 0, maxLength: 3 });
    const some = (scope: string) =>
      fc
        .record({
          wal,
          isToldToFollow: fc.boolean(),
          end: fc.constantFrom("none" as const, "begun" as const, "over" as const),
          holder: fc.option(fc.constantFrom(`${scope}-0`, `${scope}-1`)),
        })
        .chain(({ holder, ...rest }) =>
          fc.boolean().map((leads) => {
            const made = cluster(scope, { ...rest, holder: holder ?? undefined });
            return leads ? leading(made) : made;
          }),
        );
    const pools = fc.constantFrom("open" as const, "paused" as const, "mixed" as const);
    const seconds = fc.integer({ min: 0, max: 80 });
    fc.assert(
      fc.property(some("new"), some("old"), pools, seconds, fc.boolean(), (coming, going, opened, s, isTakenBack) => {
        const seen = { coming, going, isRouted: false, pools: opened };
        const step = asked(seen, { secondsBetween: s, isTakenBack, isPauseOver: s > 20, wasCopied: s % 2 > 0 });
        if (step === "promote") {
          const leader = coming.members.find(({ name }) => name === coming.holder)!;
          assert.ok(going.isToldToFollow && going.members.length >= 2);
          assert.ok(going.members.every((each) => !each.isPrimary && each.wal <= leader.wal));
        }
        if (step === "take-back") assert.ok(coming.isToldToFollow);
        if (step === "demote") assert.ok(!isTakenBack && coming.isToldToFollow);
      }),
    );
  });
});
