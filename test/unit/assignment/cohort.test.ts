import assert from "node:assert/strict";
import fc from "fast-check";
import { type CohortQuestion, chooseCohort, type Node } from "../../../rollout/assignment/cohort.ts";

const node = (index: number, datacenter: string, criticality: Node["criticality"] = "low"): Node => ({
  name: `node-${index}`,
  datacenter,
  criticality,
});
const fleet: fc.Arbitrary<Node[]> = fc
  .array(
    fc.tuple(
      fc.constantFrom("eu-1", "eu-2", "us-1", "ap-1"),
      fc.constantFrom("low" as const, "medium" as const, "high" as const),
    ),
    { minLength: 1, maxLength: 60 },
  )
  .map((items) => items.map(([datacenter, criticality], index) => node(index, datacenter, criticality)));
const percent = fc.integer({ min: 0, max: 100 });

const ask = (nodes: readonly Node[], change: Partial<CohortQuestion> = {}) =>
  chooseCohort({
    nodes,
    percent: 10,
    salt: "dwcp_v3_hde",
    stratifyBy: ["datacenter", "criticality"],
    perDatacenter: { atLeast: 1, atMost: 2 },
    excluded: [],
    ...change,
  });
const isSubset = (small: readonly string[], large: readonly string[]): boolean =>
  small.every((name) => large.includes(name));

describe("a cohort of nodes", function () {
  this.timeout(20_000);

  it("only grows with the percent", () => {
    fc.assert(
      fc.property(fleet, percent, percent, (nodes, a, b) => {
        const [few, many] = [Math.min(a, b), Math.max(a, b)].map((value) => ask(nodes, { percent: value }).members) as [
          string[],
          string[],
        ];
        assert.ok(isSubset(few, many));
      }),
    );
  });

  it("keeps who is in when the percent grows and the filter widens", () => {
    fc.assert(
      fc.property(fleet, (nodes) => {
        const low = ask(nodes, { percent: 10, filter: { criticality: ["low"], peakTraffic: false } }).members;
        const wide = ask(nodes, {
          percent: 50,
          current: low,
          filter: { criticality: ["low", "medium", "high"], peakTraffic: true },
        }).members;
        assert.ok(isSubset(low, wide));
        assert.equal(ask(nodes, { percent: 100, current: wide }).members.length, nodes.length);
      }),
    );
  });

  it("moves nobody when one node dies or arrives elsewhere", () => {
    fc.assert(
      fc.property(fleet, percent, fc.nat(), (nodes, at, pick) => {
        const before = ask(nodes, { percent: at }).members;
        const outside = nodes.filter(({ name }) => !before.includes(name));
        const lost = outside[pick % Math.max(1, outside.length)];
        const left = nodes.filter((item) => item !== lost);
        if (left.length > 0) assert.ok(isSubset(before, ask(left, { percent: at, current: before }).members));
        const arrived = [...nodes, node(999, nodes[pick % nodes.length]!.datacenter)];
        assert.ok(isSubset(before, ask(arrived, { percent: at, current: before }).members));
      }),
    );
  });

  it("replaces a member that dies and keeps the others", () => {
    const nodes = Array.from({ length: 40 }, (_, index) => node(index, index % 2 ? "eu-1" : "us-1"));
    const before = ask(nodes, { percent: 50 }).members;
    const [dead, ...others] = before;
    const after = ask(
      nodes.filter(({ name }) => name !== dead),
      { percent: 50, current: before },
    ).members;
    assert.ok(isSubset(others, after));
    assert.equal(after.length, 19);
  });

  it("has one node of every datacenter as soon as it has any", () => {
    fc.assert(
      fc.property(fleet, fc.integer({ min: 1, max: 100 }), (nodes, at) => {
        const { members } = ask(nodes, { percent: at });
        for (const { datacenter } of nodes) {
          assert.ok(nodes.some((item) => item.datacenter === datacenter && members.includes(item.name)));
        }
      }),
    );
  });

  it("has the percent rounded down, or one per datacenter if that is more, and never an excluded node", () => {
    fc.assert(
      fc.property(fleet, percent, fc.array(fc.nat(59), { maxLength: 5 }), (nodes, at, out) => {
        const excluded = out.map((index) => `node-${index}`);
        const { members, short } = ask(nodes, { percent: at, excluded });
        const eligible = nodes.filter(({ name }) => !excluded.includes(name));
        const datacenters = new Set(eligible.map(({ datacenter }) => datacenter)).size;
        const wanted = Math.floor((at * nodes.length) / 100);
        assert.equal(members.length, at === 0 ? 0 : Math.min(eligible.length, Math.max(wanted, datacenters)));
        assert.equal(short, Math.max(0, wanted - members.length));
        assert.ok(members.every((name) => !excluded.includes(name)));
      }),
    );
  });

  it("takes the same share of every stratum, within one node", () => {
    fc.assert(
      fc.property(fleet, percent, (nodes, at) => {
        const { members } = ask(nodes, { percent: at, perDatacenter: { atLeast: 0, atMost: 0 } });
        const strata = new Set(nodes.map(({ datacenter, criticality }) => `${datacenter}/${criticality}`));
        for (const stratum of strata) {
          const all = nodes.filter(({ datacenter, criticality }) => `${datacenter}/${criticality}` === stratum);
          const taken = all.filter(({ name }) => members.includes(name)).length;
          const fair = (all.length * members.length) / nodes.length;
          assert.ok(Math.abs(taken - fair) <= 1.5, `${stratum}: ${taken}, fair ${fair}`);
        }
      }),
    );
  });

  it("takes half of a large stratum and half of a small one at 50 percent", () => {
    const nodes = [
      ...Array.from({ length: 40 }, (_, index) => node(index, "eu-1")),
      ...Array.from({ length: 4 }, (_, index) => node(100 + index, "us-1")),
    ];
    const { members } = ask(nodes, { percent: 50, perDatacenter: { atLeast: 0, atMost: 0 } });
    assert.equal(members.filter((name) => name.length === "node-100".length).length, 2);
    assert.equal(members.length, 22);
  });

  it("does not depend on the order in which nodes are listed, but on the salt", () => {
    fc.assert(
      fc.property(fleet, percent, (nodes, at) =>
        assert.deepEqual(ask(nodes.toReversed(), { percent: at }).members, ask(nodes, { percent: at }).members),
      ),
    );
    const many = Array.from({ length: 60 }, (_, index) => node(index, "eu-1"));
    assert.notDeepEqual(ask(many).members, ask(many, { salt: "other" }).members);
  });

  it("goes down to those who were first in", () => {
    const nodes = Array.from({ length: 40 }, (_, index) =>
      node(index, index % 4 ? "eu-1" : "us-1", index % 3 ? "low" : "high"),
    );
    const ten = ask(nodes, { percent: 10 }).members;
    const half = ask(nodes, { percent: 50, current: ten }).members;
    assert.deepEqual(ask(nodes, { percent: 10, current: half }).members, ten);
    assert.deepEqual(ask(nodes, { percent: 0, current: half }).members, []);
  });

  it("says of every node why, and how it came to its number", () => {
    const nodes = [
      ...Array.from({ length: 30 }, (_, index) => node(index, "eu-1")),
      node(30, "us-1", "high"),
      node(31, "us-1"),
      node(32, "ap-1"),
      node(33, "eu-2"),
      node(34, "eu-2"),
    ];
    const { why, rounding } = ask(nodes, {
      percent: 10,
      excluded: ["node-3"],
      filter: { criticality: ["low"], peakTraffic: false },
    });
    assert.deepEqual(Object.keys(why).sort(), nodes.map(({ name }) => name).sort());
    assert.equal(why["node-3"], "out: excluded by the config");
    assert.equal(why["node-30"], "out: criticality high; this phase takes low");
    assert.equal(why["node-32"], "in: number 1 of ap-1");
    assert.equal(rounding, "10 % of 35 nodes are 3.5, rounded down to 3; 1 from every datacenter make it 4");
  });

  it("filters by peak traffic and by the size of machines", () => {
    const nodes: Node[] = [
      { ...node(1, "eu-1"), peakTraffic: true },
      { ...node(2, "eu-1"), vmMemoryGB: 200 },
      { ...node(3, "eu-1"), vmMemoryGB: 100 },
    ];
    const { members, why, short } = ask(nodes, {
      percent: 100,
      filter: { criticality: ["low"], maxVmMemoryGB: 100, peakTraffic: false },
    });
    assert.deepEqual(members, ["node-3"]);
    assert.equal(short, 2);
    assert.match(why["node-2"]!, /200 GB; this phase takes 100 GB at most/);
  });

  it("refuses a node that is listed twice and a percent that can't be", () => {
    assert.throws(() => ask([node(1, "eu-1"), node(1, "us-1")]), /node-1 is listed twice/);
    assert.throws(() => ask([node(1, "eu-1")], { percent: 101 }), /not between 0 and 100/);
  });
});
