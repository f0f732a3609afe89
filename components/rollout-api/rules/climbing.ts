import { all, any, type Rule, whenever } from "../rule.ts";
import {
  advances,
  climbs,
  decommissions,
  drainIsSame,
  endsAttempt,
  goesDown,
  indices,
  isAboveOld,
  isNext,
  newPhase,
  oldLastPhase,
  oldPhase,
  same,
  settles,
  undoesSettle,
  wasAborted,
  wasSettled,
} from "./changes.ts";

const carrying = (id: string, change: string, what: string, kept: string): Rule => ({
  id: `one-thing-at-a-time-${id}`,
  rule: whenever(change, kept),
  message: `${what} carries nothing else; change the other thing with the next up`,
  fieldPath: ".spec",
});

/** What each kind of change may not touch beside what it is about. */
export const carryingRules: readonly Rule[] = [
  carrying("up", advances, "a step up", same("planDigest", "phases", "hold", "extendSeconds", "decommission")),
  carrying("down", goesDown, "a step down", same("planDigest", "phases", "decommission")),
  carrying(
    "settle",
    any(settles, undoesSettle),
    "a settle",
    same("revision", "retry", "ladder", "planDigest", "phases", "hold", "extendSeconds", "decommission"),
  ),
  carrying("removal", decommissions, "marking for removal", same("planDigest", "phases", "hold", "extendSeconds")),
  {
    id: "drain-kept",
    rule: any(drainIsSame, endsAttempt, all(wasSettled, same("stable"))),
    message: "the way down stays what it was while a rollout is under way; a new one comes with the next landing",
    fieldPath: ".spec.drain",
  },
];

/** Up is one phase after the other, and only from a calm place that has passed. */
export const climbingRules: readonly Rule[] = [
  {
    id: "one-phase-at-a-time",
    rule: whenever(advances, isNext),
    message: "a rollout goes up one phase at a time",
    fieldPath: ".spec.phase",
  },
  {
    id: "passed",
    rule: whenever(
      climbs,
      `${indices}.all(i, i >= oldSelf.spec.phases.size() || ${isAboveOld("i")} || (has(oldSelf.status) && has(oldSelf.status.passed) && oldSelf.status.passed.exists(x, x.phase == oldSelf.spec.phases[i].name && x.attempt == oldSelf.spec.attempt && x.revision == oldSelf.spec.revision)))`,
    ),
    message:
      "the phase, or one below it, has not passed for this revision and attempt; rampart readiness lists what is missing",
    fieldPath: ".spec.phase",
  },
  {
    id: "aborted",
    rule: whenever(climbs, `!(${wasAborted})`),
    message: "this attempt was aborted; land again with a mended artifact, or with retry and a reason",
    messageExpression:
      "'this attempt was aborted by ' + oldSelf.status.aborted.trigger + ' (' + oldSelf.status.aborted.reason + '); land again with a mended artifact, or with retry and a reason'",
    fieldPath: ".spec.phase",
  },
  {
    id: "held",
    rule: whenever(climbs, "!oldSelf.spec.hold"),
    message: "the rollout is held; take hold away in a change of its own",
    fieldPath: ".spec.hold",
  },
  {
    id: "decommission",
    rule: whenever(climbs, "!oldSelf.spec.decommission"),
    message: "the system is being decommissioned; take decommission away in a change of its own",
    fieldPath: ".spec.decommission",
  },
  {
    id: "observed",
    rule: whenever(
      any(climbs, all(endsAttempt, wasAborted)),
      "oldSelf.?status.?observedStep == optional.of(oldSelf.spec.step)",
    ),
    message: "the analyzer has not yet seen the last step; wait until it has, rampart doctor tells whether it runs",
    fieldPath: ".spec.step",
  },
  {
    id: "on-target",
    rule: whenever(any(climbs, all(endsAttempt, wasAborted)), "oldSelf.?status.?onTarget.orValue(false)"),
    message: "the measured exposure isn't yet what the Rollout asks for; wait until it is",
    fieldPath: ".spec.phase",
  },
  {
    id: "last-phase",
    rule: whenever(settles, `${oldPhase} == ${oldLastPhase}`),
    message: "a rollout settles from its last phase; climb there first",
    fieldPath: ".spec.stable",
  },
  {
    id: "last-phase-undone",
    rule: whenever(undoesSettle, `${newPhase} == ${oldLastPhase}`),
    message: "an undone settle stands at the last phase",
    fieldPath: ".spec.phase",
  },
];
