import assert from "node:assert/strict";
import fc from "fast-check";
import type { StepFacts } from "../../../rollout/transitions/facts.ts";
import { judgeStep } from "../../../rollout/transitions/may-step.ts";
import {
  currentAbort,
  type DesiredRollout,
  isSettled,
  type LiveRollout,
  type RolloutSpec,
} from "../../../rollout/transitions/model.ts";
import { desired, ladder, phase } from "../../unit/transitions/fixture.ts";
import { changed, installRolloutApi, rendered, rulesIn, Walk } from "./support.ts";

/**
 * What the CRD can't know, because a rule on an object sees that object alone. Where each is enforced instead:
 * the record of the last settled state is in the RolloutPlan's status, so a policy with that as its parameter compares
 * (create-record, settle-finished, settle-unfinished, previous-stable, and the attempt of a create); staging and other
 * systems are other clusters and other objects, so the guard pack and the analyzer's evidence do it.
 */
const beyondTheObject = [
  "create-record",
  "settle-finished",
  "settle-unfinished",
  "previous-stable",
  "staging-first",
  "dependency",
];
const facts: StepFacts = { environment: "staging", stagingPassed: false, record: undefined, unmetNeeds: [] };

type Happening =
  | { do: "wish"; wish: Partial<DesiredRollout>; miscounted?: Partial<Pick<RolloutSpec, "step" | "attempt">> }
  | { do: "next" | "see" | "pass" }
  | { do: "abort"; to: number };

const versions = [
  { planDigest: "p1", phases: ladder },
  { planDigest: "p2", phases: ladder.map((one) => ({ ...one, soakSeconds: 90 })) },
  { planDigest: "p3", phases: [phase("prep", 0), phase("full", 100)] },
  { planDigest: "p4", phases: [...ladder.slice(0, 4), phase("most", 75), ...ladder.slice(4)] },
];
const names = [...ladder.map(({ name }) => name), "most"];
const anything = fc
  .record(
    {
      stable: fc.constantFrom("A", "B", "C"),
      artifact: fc.constantFrom("A", "B", "C"),
      revision: fc.constantFrom("r1", "r2"),
      retry: fc.nat({ max: 2 }),
      phase: fc.constantFrom(undefined, ...names),
      ladder: fc.constantFrom("normal", "expedited"),
      hold: fc.boolean(),
      extendSeconds: fc.constantFrom(0, 100),
      decommission: fc.boolean(),
      version: fc.constantFrom(...versions),
    },
    { requiredKeys: [] },
  )
  .map(({ version, ...rest }) => ({ ...rest, ...version }));
/** One or two things at a time get somewhere; more hardly ever do. */
const small = fc.oneof(
  fc.constantFrom(...names).map((name) => ({ phase: name })),
  fc.constantFrom(...versions),
  fc.constantFrom(
    { hold: true },
    { hold: false },
    { decommission: true },
    { decommission: false },
    { extendSeconds: 100 },
    { artifact: "C", phase: "prep" },
    { retry: 1, phase: "prep" },
    { artifact: "A", phase: undefined },
    { stable: "B", phase: undefined },
    { stable: "A", phase: "watch" },
    {},
  ),
);
const miscounted = fc.constantFrom({ step: 1 }, { step: 99 }, { attempt: 99 });
const wish = fc.oneof(
  { weight: 6, arbitrary: small.map((one): Happening => ({ do: "wish", wish: one })) },
  { weight: 3, arbitrary: anything.map((one): Happening => ({ do: "wish", wish: one })) },
  {
    weight: 1,
    arbitrary: fc.tuple(small, miscounted).map(([one, by]): Happening => ({ do: "wish", wish: one, miscounted: by })),
  },
);
const disturbance = fc.oneof(
  { weight: 8, arbitrary: wish },
  { weight: 1, arbitrary: fc.constantFrom<Happening>({ do: "see" }, { do: "pass" }, { do: "next" }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 5).map((to): Happening => ({ do: "abort", to })) },
);
const climb = Array.from({ length: 13 }, (): Happening[] => [{ do: "pass" }, { do: "next" }]).flat();
/** Somebody who wants to get on, disturbed again and again. */
const history = fc
  .array(fc.tuple(fc.nat({ max: climb.length }), disturbance), { minLength: 9, maxLength: 9 })
  .map((all) =>
    all.sort(([a], [b]) => b - a).reduce((walk, [at, one]) => [...walk.slice(0, at), one, ...walk.slice(at)], climb),
  );

/** What gets a rollout on from where it is. */
function wayOn(live: LiveRollout): Partial<DesiredRollout> {
  const { spec } = live;
  const first = spec.phases[0]!.name;
  if (spec.hold || spec.decommission) return { hold: false, decommission: false };
  if (isSettled(spec)) return { artifact: spec.stable === "B" ? "C" : "B", phase: first };
  if (currentAbort(live)) return { retry: spec.retry + 1, phase: first };
  const index = spec.phases.findIndex(({ name }) => name === spec.phase);
  const next = spec.phases[index + 1];
  return next ? { phase: next.name } : { stable: spec.artifact, phase: undefined };
}

describe("the API server and the domain", function () {
  this.timeout(120_000);
  before(installRolloutApi);

  it("agree on every step of random lives", async () => {
    const taken = new Map<string, number>();
    const refused = new Map<string, number>();

    /** Tries it on both sides. */
    const tryStep = async (walk: Walk, next: RolloutSpec): Promise<void> => {
      const { live } = walk;
      const { kind, reasons } = judgeStep(live, next, facts);
      const expected = reasons.map(({ rule }) => rule).filter((rule) => !beyondTheObject.includes(rule));
      const said = rulesIn(await walk.try(rendered(next)));
      const story = () => JSON.stringify({ kind, expected, said, live: live?.spec, next, status: live?.status });
      assert.equal(said.length > 0, expected.length > 0, story());
      const agreed = said.filter((rule) => expected.some((one) => rule.startsWith(one) || rule.endsWith(one)));
      // What is no step at all has no rule of its own on the server; whatever it breaks there will do.
      if (expected.length > 0 && kind !== "unknown")
        assert.ok(agreed.length > 0, `refused for different reasons: ${story()}`);
      const count = said.length > 0 ? refused : taken;
      count.set(kind, (count.get(kind) ?? 0) + 1);
      if (said.length === 0) walk.believe(next);
    };

    await fc.assert(
      fc.asyncProperty(history, async (events) => {
        const walk = await Walk.begin();
        await tryStep(walk, { ...desired({ phase: "canary-5" }), attempt: 1, step: 1 });
        await tryStep(walk, { ...desired(), attempt: 1, step: 1 });
        for (const event of events) {
          const live = walk.live!;
          if (event.do === "see") await walk.report({ observedStep: live.spec.step, onTarget: true });
          else if (event.do === "pass") await (live.spec.phase === undefined ? walk.report() : walk.pass());
          else if (event.do === "next") await tryStep(walk, changed(live, wayOn(live)));
          else if (event.do === "wish") await tryStep(walk, { ...changed(live, event.wish), ...event.miscounted });
          else if (event.do === "abort" && !currentAbort(live)) await walk.abort(event.to);
        }
      }),
      { numRuns: 6, seed: 20261121, endOnFailure: true },
    );
    const show = (map: Map<string, number>) => [...map].map(([kind, n]) => `${kind} ${n}`).join(", ");
    for (const kind of ["advance", "landing", "down", "adjust", "settle"]) {
      assert.ok(taken.has(kind), `no ${kind} was ever taken: ${show(taken)}`);
    }
    for (const kind of ["advance", "landing", "adjust", "settle", "withdraw"]) {
      assert.ok(refused.has(kind), `no ${kind} was ever refused: ${show(refused)}`);
    }
  });
});
