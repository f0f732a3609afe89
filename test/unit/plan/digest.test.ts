import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { phaseDigest, planDigest } from "../../../rollout/plan/digest.ts";
import type { Phase } from "../../../rollout/plan/model.ts";
import { dwcpV3 } from "../../../stacks/systems/dwcp-v3/plan.ts";
import { anyLadder, anyPhase, everyPhase, shuffled } from "./arbitrary.ts";

/** A phase with every part that a phase can have. */
const full: Phase = {
  ...dwcpV3.ladders.production.normal[2]!,
  exposure: { all: 50 },
  mirror: true,
  inWindow: true,
  load: { duration: "24h", connections: 3000, requirements: ["S0-18"] },
  steps: [{ id: "one", what: "a step", requirements: ["S4-001"] }],
};

/** For every normative part a change of it. */
const changes: Record<string, Partial<Phase>> = {
  name: { name: "other" },
  environment: { environment: "staging" },
  percent: { percent: 51 },
  exposure: { exposure: { all: 49 } },
  minDuration: { minDuration: "15d" },
  mirror: { mirror: undefined },
  inWindow: { inWindow: undefined },
  load: { load: { ...full.load!, connections: 3001 } },
  nodes: { nodes: { ...full.nodes!, maxVmMemoryGB: 101 } },
  "a criterion's value": {
    criteria: full.criteria.map((one, index) => (index ? one : { ...one, value: one.value + 1 })),
  },
  "a criterion less": { criteria: full.criteria.slice(1) },
  "a trigger's duration": { triggers: full.triggers.map((one, index) => (index ? one : { ...one, for: "9m" })) },
  "a trigger's action": { triggers: full.triggers.map((one) => ({ ...one, action: "zero" })) },
  "a need less": { requires: full.requires.slice(1) },
  "a signature less": { approvals: full.approvals.slice(1) },
  "a step less": { steps: [] },
};

const people: Record<string, Partial<Phase>> = {
  title: { title: "Another title" },
  slot: { slot: { fromDay: 100, toDay: 101 } },
  watchEvery: { watchEvery: "1m" },
  "where it comes from": { requirements: ["S4-001"], proposed: undefined, decision: undefined },
  "where a criterion comes from": {
    criteria: full.criteria.map((one) => ({
      ...one,
      requirements: ["S4-128"],
      proposed: undefined,
      decision: undefined,
    })),
  },
  "what a step says": { steps: [{ ...full.steps![0]!, what: "the same step in other words" }] },
};

describe("phase digest", () => {
  it("doesn't depend on the order of keys", () => {
    fc.assert(
      fc.property(anyPhase, fc.nat(), (phase, seed) => {
        assert.equal(phaseDigest(shuffled(phase, seed)), phaseDigest(phase));
      }),
    );
  });

  it("is another one for every phase of a ladder", () => {
    const byLadder = Object.values(dwcpV3.ladders).flatMap(({ normal }) => normal.map(phaseDigest));
    assert.equal(new Set(byLadder).size, byLadder.length);
    for (const phase of everyPhase) assert.match(phaseDigest(phase), /^sha256:[0-9a-f]{64}$/);
  });

  for (const [what, change] of Object.entries(changes)) {
    it(`changes with: ${what}`, () => {
      assert.notEqual(phaseDigest({ ...full, ...change } as Phase), phaseDigest(full));
    });
  }

  for (const [what, change] of Object.entries(people)) {
    it(`doesn't change with: ${what}`, () => {
      assert.equal(phaseDigest({ ...full, ...change } as Phase), phaseDigest(full));
    });
  }

  it("knows every key of a phase as one that counts or one that is for people", () => {
    const known = [...Object.keys(changes), ...Object.keys(people)].join(" ");
    const parts = {
      criteria: "criterion",
      triggers: "trigger",
      requires: "need",
      approvals: "signature",
      steps: "step",
    };
    const provenance = ["requirements", "proposed", "decision"];
    for (const key of new Set([...everyPhase, full].flatMap(Object.keys))) {
      const word = (parts as Record<string, string>)[key] ?? key;
      assert.ok(provenance.includes(key) || known.includes(word), `nobody decided whether ${key} counts`);
    }
  });
});

describe("plan digest", () => {
  it("doesn't depend on the order of keys", () => {
    fc.assert(
      fc.property(anyLadder, fc.nat(), ({ plan, environment, ladder }, seed) => {
        assert.equal(planDigest(shuffled(plan, seed), environment, ladder), planDigest(plan, environment, ladder));
      }),
    );
  });

  it("changes with any phase of its ladder, and with no other ladder", () => {
    const { ladders } = dwcpV3;
    const longer = {
      ...dwcpV3,
      ladders: {
        ...ladders,
        production: { ...ladders.production, normal: [...ladders.production.normal.slice(0, -1), full] },
      },
    };
    assert.notEqual(planDigest(longer, "production", "normal"), planDigest(dwcpV3, "production", "normal"));
    assert.equal(planDigest(longer, "production", "expedited"), planDigest(dwcpV3, "production", "expedited"));
    assert.equal(planDigest(longer, "staging", "normal"), planDigest(dwcpV3, "staging", "normal"));
  });
});
