import { artifact, drain, phases, system } from "./common-fields.ts";
import { count, map, object, text, time } from "./json-schema.ts";

/** What the platform writes: what a Rollout of this system may look like. */
export const planSpec = object(
  "The legal ladders of one system, so that no Rollout declares its own. Written by the platform.",
  {
    system,
    artifactKind: text("What names an artifact: an image digest, or a version.", 10, { enum: ["image", "version"] }),
    versions: map(
      "By plan digest. A version stays as long as a Rollout may be under way with it.",
      16,
      object(
        "One version of the plan, as one ladder walks it.",
        {
          ladder: text("Which ladder of the plan it is.", 20, { enum: ["normal", "expedited"] }),
          phases,
          drain,
        },
        ["ladder", "phases"],
      ),
    ),
  },
  ["system", "artifactKind", "versions"],
);

/** What the analyzer writes: what outlives the Rollout object. */
export const planStatus = object(
  "What outlives the Rollout. Written by the analyzer alone.",
  {
    settled: object(
      "The last settled state: a new Rollout has to start from it.",
      {
        artifact: artifact("What everybody got last."),
        attempt: count("The last attempt of the Rollout that settled; the next one is higher.", 0, 1_000_000),
        at: time("When the stable track ran it everywhere."),
      },
      ["artifact", "attempt"],
    ),
    observedGeneration: count("The last metadata.generation that all below speaks of.", 0, 1_000_000_000),
  },
  [],
);
