import { inWords } from "../plan/duration.ts";
import { againstUnsteady } from "./conditions.ts";
import { type LiveRollout, type Outcome, positionOf } from "./model.ts";
import { analyzer, type Reason, when } from "./reason.ts";

/** What has been seen of the current phase so far. */
export interface PhaseWatch {
  verdict: Outcome;
  /** Time that counts: not blind, not unhealthy, the observed share not provably another than the weight. */
  soakedSeconds: number;
  /** Items whose signed evidence is still missing. */
  missingEvidence: readonly string[];
}

/** Why the current phase can't be passed yet; none means that it has passed. */
export function reasonsAgainstPass(live: LiveRollout, watch: PhaseWatch): Reason[] {
  const position = positionOf(live.spec);
  if (position.at !== "phase") return when(true, "in-phase", "it is in no phase", "nothing has to be done");
  const needed = live.spec.phases[position.index]!.soakSeconds + live.spec.extendSeconds;
  const left = Math.ceil(needed - watch.soakedSeconds);
  return [
    ...againstUnsteady(live),
    ...when(left > 0, "soak", `${inWords(left)} of ${inWords(needed)} still have to be watched`, "wait", analyzer),
    ...when(
      watch.verdict !== "Passed",
      "verdict",
      `the verdict is ${watch.verdict}`,
      watch.verdict === "Inconclusive"
        ? "wait for more data, or have it accepted by signature"
        : "wait for the verdict",
      analyzer,
    ),
    ...when(
      watch.missingEvidence.length > 0,
      "evidence",
      `evidence is missing for ${watch.missingEvidence.join(", ")}`,
      "sign it; `rampart readiness` lists who can",
      "the people in the roles named there",
    ),
  ];
}
