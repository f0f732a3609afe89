import assert from "node:assert/strict";
import fc from "fast-check";
import { cap, isWithin } from "../../../rollout/exposure/exposure.ts";
import { judgeStep } from "../../../rollout/transitions/may-step.ts";
import {
  currentAbort,
  type DesiredRollout,
  isSettled,
  type LiveRollout,
  type SettledRecord,
} from "../../../rollout/transitions/model.ts";
import { nextSpec } from "../../../rollout/transitions/next-spec.ts";
import { reasonsAgainstPass } from "../../../rollout/transitions/phase-end.ts";
import { keptPasses } from "../../../rollout/transitions/plan-change.ts";
import { desired, facts, ladder, phase } from "./fixture.ts";

/** What can happen to a rollout: people wish for things, legal or not, and the analyzer does its work. */
type Happening =
  | { do: "wish"; wish: Partial<DesiredRollout> }
  | { do: "see" | "pass" | "finishSettle" }
  | { do: "abort"; to: number };

const versions = [
  { planDigest: "p1", phases: ladder },
  { planDigest: "p2", phases: ladder.map((one) => ({ ...one, soakSeconds: 90 })) },
  { planDigest: "p3", phases: [phase("prep", 0), phase("full", 100)] },
];
const wish = fc.record(
  {
    stable: fc.constantFrom("A", "B", "C"),
    artifact: fc.constantFrom("A", "B", "C"),
    revision: fc.constantFrom("r1", "r2"),
    retry: fc.nat({ max: 2 }),
    phase: fc.constantFrom(undefined, ...ladder.map(({ name }) => name)),
    ladder: fc.constantFrom("normal", "expedited"),
    hold: fc.boolean(),
    extendSeconds: fc.constantFrom(0, 100),
    decommission: fc.boolean(),
    version: fc.constantFrom(...versions),
  },
  { requiredKeys: [] },
);
/** Mostly one thing at a time, because that is what gets a rollout anywhere; sometimes everything at once. */
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom({ do: "see" as const }, { do: "pass" as const }) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(...ladder).map(({ name }) => ({ do: "wish" as const, wish: { phase: name } })),
  },
  { weight: 1, arbitrary: fc.constant({ do: "finishSettle" as const }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 5).map((to) => ({ do: "abort" as const, to })) },
  {
    weight: 2,
    arbitrary: wish.map(({ version, ...rest }) => ({ do: "wish" as const, wish: { ...rest, ...version } })),
  },
);
/** A walk that wants to arrive: see, pass, next phase; disturbed by everything above. */
const climb: Happening[] = ladder.flatMap(({ name }) => [
  { do: "wish", wish: { phase: name } },
  { do: "see" },
  { do: "pass" },
]);
const history = fc.oneof(
  fc.array(happening, { maxLength: 60 }),
  fc
    .array(fc.tuple(fc.nat({ max: climb.length }), happening), { maxLength: 6 })
    .map((disturbances) =>
      disturbances.reduce(
        (all, [at, one]) => [...all.slice(0, at), one, ...all.slice(at)],
        [
          ...climb,
          { do: "wish", wish: { stable: "B", phase: undefined } } as Happening,
          { do: "finishSettle" } as Happening,
        ],
      ),
    ),
);

interface World {
  live: LiveRollout;
  record: SettledRecord | undefined;
}

const start = (): World => {
  const { spec } = nextSpec(undefined, desired(), { artifact: "A", attempt: 0 });
  return {
    live: { spec, status: { observedStep: 0, onTarget: false, passed: [] } },
    record: { artifact: "A", attempt: 0 },
  };
};

function happen(world: World, event: Happening, onStep: (before: World, after: World) => void): World {
  const { live, record } = world;
  const { spec, status } = live;
  switch (event.do) {
    case "see":
      return { record, live: { spec, status: { ...status, observedStep: spec.step, onTarget: true } } };
    case "pass": {
      const watch = { verdict: "Passed" as const, soakedSeconds: 1000, missingEvidence: [] };
      if (reasonsAgainstPass(live, watch).length > 0) return world;
      const pass = { phase: spec.phase!, revision: spec.revision, attempt: spec.attempt };
      return { record, live: { spec, status: { ...status, passed: [...status.passed, pass] } } };
    }
    case "finishSettle":
      return isSettled(spec) ? { live, record: { artifact: spec.stable, attempt: spec.attempt } } : world;
    case "abort": {
      const abort = { attempt: spec.attempt, trigger: "errors", reason: "5 %", to: { all: event.to } };
      return { record, live: { spec, status: { ...status, aborted: abort, onTarget: false } } };
    }
    case "wish": {
      const next = nextSpec(live, { ...spec, ...event.wish }, record).spec;
      if (judgeStep(live, next, facts({ record })).reasons.length > 0) return world;
      const passed = keptPasses(live, next);
      const after = { record, live: { spec: next, status: { ...status, onTarget: false, passed } } };
      onStep(world, after);
      return after;
    }
  }
}

/** Runs a history and shows every legal step to a check. */
function onEveryStep(check: (before: LiveRollout, after: LiveRollout, kind: string) => void): number {
  let steps = 0;
  fc.assert(
    fc.property(history, (events) => {
      let world = start();
      for (const event of events) {
        world = happen(world, event, (before, after) => {
          steps++;
          check(
            before.live,
            after.live,
            judgeStep(before.live, after.live.spec, facts({ record: before.record })).kind,
          );
        });
      }
    }),
    { numRuns: Number(process.env.RAMPART_FUZZ_RUNS ?? 1_000) },
  );
  return steps;
}

const indexOf = ({ spec }: LiveRollout): number => spec.phases.findIndex(({ name }) => name === spec.phase);
const exposureOf = (live: LiveRollout) =>
  cap({
    settled: isSettled(live.spec),
    phase: live.spec.phases[indexOf(live)]?.exposure ?? {},
    abortedTo: currentAbort(live)?.to,
  });

describe("on any path of legal steps", function () {
  this.timeout(0);

  it("no phase is skipped, and none is left upward without its pass", () => {
    let climbs = 0;
    onEveryStep((before, after, kind) => {
      if (kind === "landing" || kind === "settle" || isSettled(before.spec) || isSettled(after.spec)) return;
      const from = indexOf(before);
      if (indexOf(after) <= from) return;
      climbs++;
      assert.equal(indexOf(after), from + 1);
      const { attempt, revision } = before.spec;
      for (const { name } of before.spec.phases.slice(0, from + 1)) {
        const isPassed = before.status.passed.some(
          (pass) => pass.phase === name && pass.attempt === attempt && pass.revision === revision,
        );
        assert.ok(isPassed, `${name} was left without a pass`);
      }
    });
    assert.ok(climbs > 1000, `only ${climbs} climbs: the test has to reach what it tests`);
  });

  it("more exposure comes from a next phase alone, never from anything else", () => {
    onEveryStep((before, after, kind) => {
      if (!isWithin(exposureOf(after), exposureOf(before))) assert.ok(["advance", "undo-settle"].includes(kind), kind);
    });
  });

  it("stable becomes an artifact only after every phase has passed", () => {
    let settles = 0;
    onEveryStep((before, after, kind) => {
      if (before.spec.stable === after.spec.stable) return;
      if (kind === "undo-settle") return;
      settles++;
      assert.equal(after.spec.stable, before.spec.artifact);
      assert.equal(new Set(before.status.passed.map((pass) => pass.phase)).size, before.spec.phases.length);
    });
    assert.ok(settles > 20, `only ${settles} settles`);
  });

  it("an aborted attempt never rises without a landing", () => {
    let steps = 0;
    onEveryStep((before, after, kind) => {
      if (!currentAbort(before)) return;
      steps++;
      assert.ok(!["advance", "settle"].includes(kind), kind);
      if (after.spec.attempt === before.spec.attempt) assert.ok(isWithin(exposureOf(after), exposureOf(before)));
      else assert.ok(before.status.onTarget);
    });
    assert.ok(steps > 20, `only ${steps} steps after an abort`);
  });

  it("the step grows with every change, and the attempt with every landing and nothing else", () => {
    onEveryStep((before, after, kind) => {
      const isLanding = kind === "landing" || kind === "withdraw";
      assert.equal(after.spec.step, before.spec.step + (kind === "unchanged" ? 0 : 1));
      assert.equal(after.spec.attempt, before.spec.attempt + (isLanding ? 1 : 0));
      if (kind === "unchanged") assert.deepEqual(after.spec, before.spec);
    });
  });

  it("a step down is legal from everywhere to everywhere below", () => {
    onEveryStep((_, after) => {
      for (const { name } of after.spec.phases.slice(0, Math.max(0, indexOf(after)))) {
        const { spec } = nextSpec(after, { ...after.spec, phase: name }, undefined);
        const blind = facts({ stagingPassed: false, unmetNeeds: ["x"] });
        const { kind, reasons } = judgeStep({ ...after, status: { ...after.status, observedStep: -1 } }, spec, blind);
        assert.deepEqual([kind, reasons], ["down", []]);
      }
    });
  });
});
