import { count, flag, type JsonSchema, list, map, notEmpty, object, text } from "./json-schema.ts";

export const maxPhases = 16;
export const maxSegments = 16;

export const phaseName = (description: string): JsonSchema => text(description, 40);
export const system = text("Name of the system; also the name of its namespace.", 63);
export const digest = (description: string): JsonSchema => text(description, 71);
export const artifact = (description: string): JsonSchema => text(description, 255);

export const exposure = (description: string): JsonSchema =>
  notEmpty(map(description, maxSegments, count("Percent of this segment; a segment that isn't named gets 0.", 0, 100)));

/** A phase as Rollout and RolloutPlan carry it. */
export const phases = notEmpty(
  list(
    "The ladder: the phases in the order in which they are climbed. Several phases may share a percent.",
    maxPhases,
    object(
      "One rung of the ladder.",
      {
        name: phaseName("Unique in the ladder."),
        percent: count("The ceiling of exposure that the phase is called after.", 0, 100),
        exposure: exposure("Percent of each segment of users (or nodes) that gets the artifact."),
        soakSeconds: count("How long the phase has to be watched, without a person's extension.", 0, 31_536_000),
        mirror: flag("Copies of live requests go to the canary in this phase, and their answers are thrown away."),
        digest: digest("Over everything else that the plan's phase asks for, criteria and triggers included."),
      },
      ["name", "percent", "exposure", "soakSeconds", "digest"],
    ),
  ),
);

/** What the analyzer and a person's rollback do, without knowing the adapter. */
export const drain = notEmpty(
  list(
    "Actions that undo a phase's effects, in order.",
    16,
    object(
      "One action; which further fields it has depends on its kind.",
      {
        name: text("Unique among the actions; also the name of the Job that it runs.", 63),
        kind: text("How it is done.", 10, { enum: ["patch", "runJob", "http", "aws"] }),
        to: text("Which way down it belongs to: to 0 %, to the phase before, or both.", 10, {
          enum: ["zero", "previous", "both"],
        }),
        phase: phaseName("Only when it is this phase that is left; whichever when absent."),
        apiVersion: text("Of the object that is patched.", 80),
        resource: text("Plural of the object that is patched, in the Rollout's namespace.", 63),
        target: text("Name of the object, address or resource name of what is acted on.", 512),
        body: text("The JSON merge patch, request body or parameters.", 4096),
      },
      ["name", "kind", "to", "target"],
    ),
  ),
);
