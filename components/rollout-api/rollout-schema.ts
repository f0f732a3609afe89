import { artifact, digest, drain, exposure, phaseName, phases, system } from "./common-fields.ts";
import { count, flag, object, text } from "./json-schema.ts";

/** What Pulumi writes: what is wanted. */
export const rolloutSpec = object(
  "What is wanted. Written by the program, from one line of stack config.",
  {
    system,
    stable: artifact("What everyone had before: an image digest or a version."),
    artifact: artifact("What is being rolled out; equal to stable when settled."),
    revision: text("Hash over the canary's pod template and the config it mounts; its pods carry it.", 128),
    retry: count("Grows when the same artifact is tried again after an abort.", 0, 1000, { default: 0 }),
    attempt: count(
      "Grows by one with every landing, across artifacts. Passes and aborts belong to one attempt.",
      1,
      1_000_000,
    ),
    step: count(
      "Grows by one with every change of the spec, so that a status can say which one it has seen.",
      1,
      1_000_000_000,
    ),
    percent: count("The ceiling of exposure: that of the phase, or 100 when settled.", 0, 100),
    phase: phaseName("Where on the ladder it stands; absent when settled."),
    exposure: exposure("The phase's exposure, segment by segment; absent when settled."),
    ladder: text("Which ladder of the plan it climbs.", 20, { enum: ["normal", "expedited"], default: "normal" }),
    planDigest: digest("The version of the plan that the phases come from; the RolloutPlan lists it."),
    phases,
    hold: flag("Somebody wants it to go no further up.", { default: false }),
    extendSeconds: count("Soak time that a person has added to the current phase.", 0, 31_536_000, { default: 0 }),
    decommission: flag("The system is about to be removed from this stack.", { default: false }),
    drain,
  },
  ["system", "stable", "artifact", "revision", "attempt", "step", "percent", "planDigest", "phases"],
);
