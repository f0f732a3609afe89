import { from, proposed } from "../../../rollout/plan/builders.ts";
import type { Criterion, Plan } from "../../../rollout/plan/model.ts";
import type { SystemName } from "../../../rollout/plan/systems.ts";
import { everybody, expedited, expeditedStaging, plainStaging } from "../ladders.ts";
import * as dwcp from "./criteria.ts";
import { type Joining, joiningLadder, type Rung } from "./joining.ts";

interface Joined extends Joining {
  /** The system that joined before, and how far it has to be before this one takes its first traffic. */
  after: { system: SystemName; percent: Rung };
  /** Consensus: a weight may route clients, but never cut a validator set in two. */
  validators: boolean;
}

/** The parts that follow from where a system joins. */
export function joined({ after, validators, ...joining }: Joined) {
  const measured = { criteria: [...dwcp.criteria, ...joining.own], triggers: dwcp.triggers };
  const whole = proposed("X-37", "S1-122");
  return {
    adapter: validators
      ? { kind: "http-weight", wholeValidatorSets: true, ...proposed("X-37", "S1-110") }
      : { kind: "http-weight", ...from("S1-110") },
    ladders: {
      staging: {
        normal: plainStaging(measured.criteria, measured.triggers),
        expedited: expeditedStaging(measured.criteria, measured.triggers),
      },
      production: {
        normal: joiningLadder(joining),
        expedited: expedited([5, 50, 100], measured, ["sre", "engineering-lead"]),
      },
    },
    segments: everybody,
    blastRadius: { percent: 10, phases: ["canary-5"], ...from("S1-005") },
    dependencies: [
      { system: "dwcp-manager", kind: "never-above", ...proposed("X-84", "S1-013") },
      { ...after, kind: "reached-first", ...proposed("X-84", "S1-013") },
    ],
    capacity: {
      reservePercent: 10,
      stable: validators ? { replicas: 4, ...whole } : { replicas: 3, ...proposed("X-93") },
      canary: validators ? { replicas: 4, ...whole } : { replicas: 2, ...proposed("X-93") },
      ...proposed("X-93"),
    },
  } satisfies Partial<Plan>;
}

/** What a system has to hold on every rung is also what it has to hold ever after. */
export const objectivesOf = (own: readonly Criterion[]): Plan["objectives"] =>
  own.map(({ zeroTolerance: _, ...rest }) => rest);
