import type { Rule } from "./rule.ts";

export const planRules: readonly Rule[] = [
  {
    id: "name",
    rule: "self.metadata.name == 'plan'",
    message: "there is one RolloutPlan in a namespace and its name is plan",
    fieldPath: ".spec.system",
  },
  {
    id: "same-system",
    rule: "self.spec.system == oldSelf.spec.system",
    message: "a RolloutPlan belongs to one system for good",
    fieldPath: ".spec.system",
  },
  {
    id: "version-frozen",
    rule: "self.spec.versions.all(d, !(d in oldSelf.spec.versions) || (self.spec.versions[d].ladder == oldSelf.spec.versions[d].ladder && self.spec.versions[d].phases == oldSelf.spec.versions[d].phases))",
    message: "the phases that a digest stands for never change; list a new version beside it",
    fieldPath: ".spec.versions",
  },
  {
    id: "record-kept",
    rule: "!has(oldSelf.status) || !has(oldSelf.status.settled) || (has(self.status) && has(self.status.settled) && self.status.settled.attempt >= oldSelf.status.settled.attempt)",
    message: "the record of the last settled state is neither forgotten nor turned back",
    fieldPath: ".status.settled",
  },
];
