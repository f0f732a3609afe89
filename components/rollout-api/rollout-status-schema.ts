import { exposure, maxPhases, maxSegments, phaseName } from "./common-fields.ts";
import { count, flag, type JsonSchema, list, map, object, text, time } from "./json-schema.ts";

const attempt = count("The attempt that it belongs to; for any other it counts for nothing.", 1, 1_000_000);
const number = (description: string): JsonSchema => ({ type: "number", description });
const share = (description: string): JsonSchema => ({ type: "number", minimum: 0, maximum: 100, description });

const passed = list(
  "The phases that have passed in the current attempt.",
  2 * maxPhases,
  object(
    "One phase that has passed.",
    {
      phase: phaseName("The phase."),
      revision: text("What was running when it passed.", 128),
      attempt,
      from: time("When the phase began to count."),
      to: time("When it passed."),
      evidence: text("Digest of the record that it rests on, which is kept beside the log of the attempt.", 128),
      restored: flag("It was earned in a cluster that was lost, and taken over from that cluster's evidence."),
    },
    ["phase", "revision", "attempt"],
  ),
);

const windows = map(
  "What was counted so far, by series (criterion and track): all that a restarted analyzer needs to go on.",
  64,
  list(
    "Ordered by time, none overlapping; old ones are joined to longer ones.",
    256,
    object(
      "What was counted in one stretch of time.",
      {
        through: count("End of the stretch, in seconds since 1970.", 0, 100_000_000_000),
        span: count("Its length in seconds; a minute when absent.", 1, 31_536_000),
        n: number("Trials, or readings."),
        k: number("Events, or the sum of the readings."),
      },
      ["through", "n", "k"],
    ),
  ),
);

const verdict = object(
  "What the analyzer thinks of the current phase. No data never passes.",
  {
    outcome: text("Only Passed lets it go on.", 12, {
      enum: ["Passed", "Failed", "Inconclusive", "Error", "Running"],
    }),
    reason: text("Why, in a sentence.", 512),
    since: time("Since when it is so."),
  },
  ["outcome"],
);

const aborted = object(
  "The attempt has ended. It stays where the abort took it; the only way on is a landing.",
  {
    attempt,
    at: time("When it was decided."),
    trigger: text("Which trigger of the plan, or who.", 253),
    reason: text("What was measured, in a sentence.", 512),
    to: exposure("Where the abort takes each segment: nowhere, or to the exposure of the phase before."),
  },
  ["attempt", "trigger", "reason", "to"],
);

const conditions: JsonSchema = {
  type: "array",
  maxItems: 16,
  "x-kubernetes-list-type": "map",
  "x-kubernetes-list-map-keys": ["type"],
  description: "For tools that wait for conditions, such as kubectl wait.",
  items: object(
    "One condition.",
    {
      type: text("What it is about.", 64),
      status: text("Whether it holds.", 8, { enum: ["True", "False", "Unknown"] }),
      observedGeneration: count("The generation that it speaks of.", 0, 1_000_000_000),
      reason: text("One word for machines.", 128),
      message: text("A sentence for people.", 1024),
      lastTransitionTime: time("Since when its status is so."),
    },
    ["type", "status"],
  ),
};

/** What the analyzer writes: what is, and what it thinks of it. */
export const rolloutStatus = object(
  "What is. Written by the analyzer alone.",
  {
    observedStep: count("The last spec.step that all below speaks of.", 0, 1_000_000_000),
    observedGeneration: count("The last metadata.generation that all below speaks of.", 0, 1_000_000_000),
    artifact: text("Short name of the artifact, for the table.", 64),
    phase: phaseName("The phase that is being watched."),
    phaseStartedAt: time("When the phase began, by the API server's clock."),
    effective: map("What the data plane does now, by segment.", maxSegments, share("Percent of the segment.")),
    effectivePercent: share("What the data plane does now, of everybody; 100 when settled."),
    onTarget: flag("The measured exposure is what the spec (or the abort) asks for."),
    passed,
    windows,
    verdict,
    aborted,
    complete: flag("Every phase has passed: it can be settled."),
    conditions,
  },
  [],
);
