// Attempts that are meaner than those of the catalogue.
import type { DesiredRollout } from "../../rollout/transitions/model.ts";
import { from } from "./attempts.ts";
import { unknownText } from "./pack.ts";
import { factsFor, image, liveAt, type Told, wishFor } from "./rollouts.ts";

const b = image("b");
const over = (phase: string, more: Partial<DesiredRollout>) => wishFor(phase, {}, more);
const settled = (artifact: string) => wishFor(undefined, {}, { stable: artifact, artifact });
export const aborted = { attempt: 1, trigger: "errors", reason: "5 % failed", to: { all: 0 } };
const shortened = (phases: string[]) => wishFor("canary-25").phases.filter(({ name }) => phases.includes(name));
/** Each with what has to be said against it. */
export const mean: [string, Told, RegExp][] = [
  [
    "hold taken away together with a step",
    { wish: wishFor("canary-25"), live: liveAt({ ...wishFor("canary-5"), hold: true }) },
    /it also changes hold/,
  ],
  [
    "a shorter extension together with a step",
    { wish: wishFor("canary-25"), live: liveAt({ ...wishFor("canary-5"), extendSeconds: 99 }) },
    /it also changes extendSeconds/,
  ],
  [
    "passes of another revision",
    {
      wish: wishFor("canary-25"),
      live: from("canary-5", { passed: [{ phase: "canary-5", revision: "r0", attempt: 1 }] }),
    },
    /has not passed for this revision/,
  ],
  [
    "passes of another attempt",
    {
      wish: wishFor("canary-25"),
      live: from("canary-5", { passed: [{ phase: "canary-5", revision: "r1", attempt: 0 }] }),
    },
    /has not passed for this revision/,
  ],
  [
    "a status that has seen more steps than were taken",
    { wish: wishFor("canary-25"), live: from("canary-5", { observedStep: 99 }) },
    /the analyzer has seen step 99/,
  ],
  [
    "a live ladder without the phases between",
    {
      wish: wishFor("full"),
      live: liveAt({ ...wishFor("canary-5"), phases: shortened(["infrastructure", "canary-5", "full"]) }),
    },
    /it also changes plan/,
  ],
  [
    "a wish for a ladder without the phases between",
    { wish: over("full", { phases: shortened(["infrastructure", "canary-5", "full"]) }), live: from("canary-5") },
    /canary-25 comes before it|also changes plan/,
  ],
  [
    "a phase with more exposure than its plan",
    {
      wish: over("infrastructure", {
        phases: wishFor("canary-25").phases.map((one) => ({ ...one, exposure: { all: 100 } })),
      }),
    },
    /aren't those that stand behind/,
  ],
  ["a ladder that nobody knows", { wish: over("infrastructure", { ladder: "quick" }) }, /there is no ladder quick/],
  [
    "a change to the hotfix lane half way",
    { wish: wishFor("hotfix-50", { ladder: "expedited" }), live: from("canary-25") },
    /still at canary-25|starts at the bottom/,
  ],
  ["settling half way", { wish: settled(b), live: from("canary-50") }, /isn't the last phase/],
  [
    "settling on something that nobody has tried",
    { wish: settled(image("c")), live: from("full") },
    /is no step of a rollout|still at full/,
  ],
  ["settling with an unpassed phase", { wish: settled(b), live: from("full", { passed: [] }) }, /has not passed/],
  [
    "a create over a record that says otherwise",
    { wish: settled(image("c")) },
    /the last settled artifact on record is/,
  ],
  ["a create on its way out", { wish: over("infrastructure", { decommission: true }) }, /being decommissioned/],
  [
    "decommissioning under traffic",
    { wish: over("canary-50", { decommission: true }), live: from("canary-50") },
    /go down to infrastructure/,
  ],
  [
    "another stable in the middle",
    { wish: over("canary-50", { stable: image("c") }), live: from("canary-50") },
    /no step of a rollout/,
  ],
  [
    "a way down that brings another artifact",
    { wish: over("canary-5", { artifact: image("c") }), live: from("canary-50") },
    /is still at canary-50|starts at the bottom/,
  ],
  [
    "a way down that brings a lower retry",
    { wish: over("canary-5", { retry: 0 }), live: liveAt({ ...wishFor("canary-50"), retry: 2 }) },
    /is still at canary-50|retry was 2/,
  ],
  [
    "a retry half way",
    { wish: over("canary-25", { retry: 1 }), live: from("canary-25") },
    /still at canary-25|starts at the bottom/,
  ],
  [
    "a landing that sheds an abort before it is on target",
    { wish: over("infrastructure", { retry: 1 }), live: from("canary-25", { aborted, onTarget: false }) },
    /exposure isn't yet what/,
  ],
  [
    "a landing that sheds an abort before it was seen",
    { wish: over("infrastructure", { retry: 1 }), live: from("canary-25", { aborted, observedStep: 1 }) },
    /the analyzer has seen step 1/,
  ],
  [
    "a landing that is held",
    { wish: over("infrastructure", { artifact: image("c"), hold: true }), live: from("infrastructure") },
    /the rollout is held/,
  ],
  [
    "a new artifact before the settle is done",
    { wish: over("infrastructure", { stable: b, artifact: image("c") }), live: liveAt(settled(b)) },
    /doesn't run .* everywhere yet/,
  ],
  [
    "a wish for one system in another's component",
    { wish: { ...wishFor("canary-25"), system: "dwcp-v3" }, live: from("canary-5") },
    /the wish is for dwcp-v3, the component for wdbx/,
  ],
  [
    "an exposure below nothing",
    {
      wish: over("canary-25", { phases: wishFor("canary-25").phases.map((one) => ({ ...one, percent: -1 })) }),
      live: from("canary-5"),
    },
    /Too small/,
  ],
  [
    "a percent above everything",
    {
      wish: over("canary-25", { phases: wishFor("canary-25").phases.map((one) => ({ ...one, percent: 101 })) }),
      live: from("canary-5"),
    },
    /Too big/,
  ],
  [
    "an unknown deep in the live ladder",
    {
      wish: wishFor("canary-25"),
      live: liveAt({
        ...wishFor("canary-5"),
        phases: [...wishFor("canary-5").phases.slice(0, 4), { name: unknownText } as never],
      }),
    },
    /live.spec.phases.4.name isn't known/,
  ],
  [
    "a status without what has passed",
    { wish: wishFor("canary-25"), live: { ...from("canary-5"), status: { observedStep: 7, onTarget: true } } },
    /live.status.passed/,
  ],
  [
    "a flag that only looks true",
    { wish: wishFor("canary-5"), live: from("infrastructure"), facts: factsFor({ stagingPassed: "true" }) },
    /facts.stagingPassed/,
  ],
  [
    "an environment that has no rules",
    { wish: wishFor("canary-5"), live: from("infrastructure"), facts: factsFor({ environment: "sandbox" }) },
    /facts.environment/,
  ],
  [
    "inputs under other names",
    { wish: undefined, live: from("canary-5"), ...({ Wish: wishFor("full") } as object) },
    /wish: /,
  ],
];
