import { all, any, not, type Rule, whenever } from "../rule.ts";
import { isSettled, newPhase } from "./changes.ts";

/** What any Rollout has to look like, wherever it comes from. */
export const shapeRules: readonly Rule[] = [
  {
    id: "name",
    rule: "self.metadata.name == 'rollout'",
    message: "there is one Rollout in a namespace and its name is rollout",
    fieldPath: ".spec.system",
  },
  {
    id: "settled-phase",
    rule: whenever(isSettled, "!has(self.spec.phase)"),
    message: "a settled system is in no phase; take phase away",
    fieldPath: ".spec.phase",
  },
  {
    id: "known-phase",
    rule: any(isSettled, `self.spec.phases.exists(p, p.name == ${newPhase})`),
    message: "phase has to be one of the plan's phases",
    fieldPath: ".spec.phase",
  },
  {
    id: "percent",
    rule: `${isSettled} ? self.spec.percent == 100 : self.spec.phases.all(p, p.name != ${newPhase} || p.percent == self.spec.percent)`,
    message: "percent is that of the phase, and 100 when settled",
    fieldPath: ".spec.percent",
  },
  {
    id: "exposure",
    rule: `${isSettled} ? !has(self.spec.exposure) : self.spec.phases.all(p, p.name != ${newPhase} || (has(self.spec.exposure) && p.exposure == self.spec.exposure))`,
    message: "exposure is that of the phase, and absent when settled",
    fieldPath: ".spec.exposure",
  },
  {
    id: "distinct-phases",
    rule: "self.spec.phases.all(p, self.spec.phases.exists_one(q, q.name == p.name))",
    message: "two phases have the same name",
    fieldPath: ".spec.phases",
  },
  {
    id: "first-phase-zero",
    rule: "self.spec.phases[0].percent == 0 && self.spec.phases[0].exposure.all(s, self.spec.phases[0].exposure[s] == 0)",
    message: "a ladder begins with a phase that exposes nobody",
    fieldPath: ".spec.phases",
  },
  {
    id: "last-phase-full",
    rule: "self.spec.phases[self.spec.phases.size() - 1].percent == 100",
    message: "a ladder ends with a phase at 100 %",
    fieldPath: ".spec.phases",
  },
  {
    id: "create-place",
    rule: any("oldSelf.hasValue()", isSettled, `${newPhase} == self.spec.phases[0].name`),
    message:
      "a new Rollout starts settled or at its first phase; on a rebuilt cluster rampart restore climbs from there",
    optionalOldSelf: true,
    fieldPath: ".spec.phase",
  },
  {
    id: "create-step",
    rule: any("oldSelf.hasValue()", "self.spec.step == 1"),
    message: "a new Rollout starts with step 1; leave the counting to the program",
    optionalOldSelf: true,
    fieldPath: ".spec.step",
  },
  {
    id: "create-decommission",
    rule: any("oldSelf.hasValue()", "!self.spec.decommission"),
    message: "a new Rollout is not marked for removal; take decommission away",
    optionalOldSelf: true,
    fieldPath: ".spec.decommission",
  },
  {
    id: "same-system",
    rule: "self.spec.system == oldSelf.spec.system",
    message: "a Rollout belongs to one system for good",
    fieldPath: ".spec.system",
  },
];

/** What not even the analyzer may write. */
export const statusRules: readonly Rule[] = [
  {
    id: "latch",
    rule: whenever(
      all("has(oldSelf.status) && has(oldSelf.status.aborted)", "oldSelf.status.aborted.attempt == self.spec.attempt"),
      all(
        "has(self.status) && has(self.status.aborted)",
        "self.status.aborted.attempt == self.spec.attempt",
        "self.status.aborted.to.all(s, self.status.aborted.to[s] <= (s in oldSelf.status.aborted.to ? oldSelf.status.aborted.to[s] : 0))",
      ),
    ),
    message: "an abort stays for as long as its attempt, and its target only goes down; the way on is a landing",
    fieldPath: ".status.aborted",
  },
  {
    id: "observed-ahead",
    rule: any(not("has(self.status) && has(self.status.observedStep)"), "self.status.observedStep <= self.spec.step"),
    message: "nobody can have observed a step that hasn't been taken",
    fieldPath: ".status.observedStep",
  },
];
