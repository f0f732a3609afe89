import { all, any, type Rule, whenever } from "../rule.ts";
import {
  decommissions,
  endsAttempt,
  indices,
  isAboveOld,
  isSettled,
  lands,
  newPhase,
  oldNames,
  same,
  wasAborted,
  wasAtFirstPhase,
  wasSettled,
} from "./changes.ts";

/** A new attempt, and how one ends. */
export const landingRules: readonly Rule[] = [
  {
    id: "landing-place",
    rule: whenever(lands, all(`!(${isSettled})`, `${newPhase} == self.spec.phases[0].name`)),
    message: "a new artifact, revision, retry or ladder starts at the first phase",
    fieldPath: ".spec.phase",
  },
  {
    id: "landing-start",
    rule: whenever(endsAttempt, any(wasSettled, wasAtFirstPhase, wasAborted)),
    message: "this artifact still has users; go down to the first phase first, or climb on and settle",
    fieldPath: ".spec.artifact",
  },
  {
    id: "retry-grows",
    rule: whenever(all(lands, same("artifact")), "self.spec.retry >= oldSelf.spec.retry"),
    message: "retry only grows for the same artifact",
    fieldPath: ".spec.retry",
  },
  {
    id: "landing-held",
    rule: whenever(lands, "!self.spec.hold"),
    message: "the rollout is held; take hold away to land",
    fieldPath: ".spec.hold",
  },
  {
    id: "landing-decommission",
    rule: whenever(lands, "!self.spec.decommission"),
    message: "the system is being decommissioned; take decommission away to land",
    fieldPath: ".spec.decommission",
  },
  {
    id: "decommission-start",
    rule: whenever(decommissions, any(wasSettled, wasAtFirstPhase)),
    message: "only a system that is settled or at its first phase is taken out; go down first, or settle",
    fieldPath: ".spec.decommission",
  },
];

const inPlace = (rule: string): string => any(same("phases"), wasSettled, endsAttempt, rule);

/** What a rollout started with may become stricter while it is under way, and nothing else. */
export const planRules: readonly Rule[] = [
  {
    id: "plan-in-place",
    rule: inPlace(`self.spec.phases.filter(q, ${oldNames}.exists(n, n == q.name)).map(q, q.name) == ${oldNames}`),
    message: "the plan version drops or reorders phases that this rollout started with; it comes with the next landing",
    fieldPath: ".spec.phases",
  },
  {
    id: "plan-in-place-reached",
    rule: inPlace(
      `${indices}.all(i, i >= oldSelf.spec.phases.size() || ${isAboveOld("i")} || (i < self.spec.phases.size() && self.spec.phases[i].name == oldSelf.spec.phases[i].name))`,
    ),
    message: "the plan version puts a phase below those that were already reached; it comes with the next landing",
    fieldPath: ".spec.phases",
  },
  {
    id: "plan-in-place-looser",
    rule: inPlace(
      "oldSelf.spec.phases.all(p, self.spec.phases.all(q, q.name != p.name || (q.digest == p.digest && q.percent == p.percent && q.soakSeconds >= p.soakSeconds && (has(q.mirror) && q.mirror) == (has(p.mirror) && p.mirror) && q.exposure.all(s, q.exposure[s] <= (s in p.exposure ? p.exposure[s] : 0)))))",
    ),
    message:
      "the plan version asks for something else in a phase, exposes more, or watches it for a shorter time; it comes with the next landing",
    fieldPath: ".spec.phases",
  },
];
