// What a change of a Rollout is, in CEL: the same kinds as in rollout/transitions/classify.ts.

import { maxPhases } from "../common-fields.ts";
import { all, any, not } from "../rule.ts";

export const same = (...fields: readonly string[]): string =>
  all(...fields.map((field) => `self.spec.${field} == oldSelf.spec.${field}`));

// Not `?phase`: of an optional the API server can't tell what comparing it may cost.
export const newPhase = "(has(self.spec.phase) ? self.spec.phase : '')";
export const oldPhase = "(has(oldSelf.spec.phase) ? oldSelf.spec.phase : '')";
const phaseIsSame = `${newPhase} == ${oldPhase}`;

export const isSettled = "self.spec.stable == self.spec.artifact";
export const wasSettled = "oldSelf.spec.stable == oldSelf.spec.artifact";
const stableChanges = "self.spec.stable != oldSelf.spec.stable";
const marksAreSame = same("artifact", "revision", "retry", "ladder");
export const drainIsSame =
  "(has(self.spec.drain) == has(oldSelf.spec.drain) && (!has(self.spec.drain) || self.spec.drain == oldSelf.spec.drain))";

export const oldNames = "oldSelf.spec.phases.map(p, p.name)";

/** Of a loop over names the API server can't tell how long it runs, of a loop over these it can. */
export const indices = `[${Array.from({ length: maxPhases }, (_, index) => index).join(", ")}]`;
const oldSize = "oldSelf.spec.phases.size()";
/** Whether the phase at the index (of the ladder that is being climbed) is above the one that the rollout was in. */
export const isAboveOld = (index: string): string =>
  `${indices}.exists(k, k < ${index} && oldSelf.spec.phases[k].name == ${oldPhase})`;
const isHigher = `${indices}.exists(i, i < ${oldSize} && oldSelf.spec.phases[i].name == ${newPhase} && ${isAboveOld("i")})`;
export const isNext = `${indices}.exists(i, i + 1 < ${oldSize} && oldSelf.spec.phases[i].name == ${oldPhase} && oldSelf.spec.phases[i + 1].name == ${newPhase})`;
export const oldLastPhase = `oldSelf.spec.phases[${oldSize} - 1].name`;

export const changes = not(
  all(
    marksAreSame,
    phaseIsSame,
    drainIsSame,
    same("stable", "planDigest", "phases", "hold", "extendSeconds", "decommission"),
  ),
);
export const settles = all(stableChanges, same("artifact"), isSettled, not(wasSettled));
export const undoesSettle = all(stableChanges, same("artifact"), wasSettled, not(isSettled));
export const unknownStable = all(stableChanges, not(settles), not(undoesSettle));
export const withdraws = all(not(stableChanges), isSettled, not(wasSettled));
export const lands = all(not(stableChanges), not(all(isSettled, not(wasSettled))), not(marksAreSame));
const moves = all(not(stableChanges), marksAreSame, not(phaseIsSame));
export const advances = all(moves, isHigher);
export const goesDown = all(moves, not(isHigher));
export const decommissions = all(
  not(stableChanges),
  marksAreSame,
  phaseIsSame,
  "self.spec.decommission",
  "!oldSelf.spec.decommission",
);
/** A new attempt begins, or the artifact is given up: both end the attempt before. */
export const endsAttempt = any(lands, withdraws);
export const climbs = any(advances, settles);

export const wasAtFirstPhase = `${oldPhase} == oldSelf.spec.phases[0].name`;
export const wasAborted = "oldSelf.?status.?aborted.?attempt == optional.of(oldSelf.spec.attempt)";
