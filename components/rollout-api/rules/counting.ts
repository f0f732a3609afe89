import type { Rule } from "../rule.ts";
import { changes, endsAttempt, unknownStable } from "./changes.ts";

export const countingRules: readonly Rule[] = [
  {
    id: "counters-step",
    rule: `self.spec.step == (${changes} ? oldSelf.spec.step + 1 : oldSelf.spec.step)`,
    message: "step grows by one with a change, and by nothing without; leave the counting to the program",
    fieldPath: ".spec.step",
  },
  {
    id: "counters-attempt",
    rule: `self.spec.attempt == (${endsAttempt} ? oldSelf.spec.attempt + 1 : oldSelf.spec.attempt)`,
    message: "attempt grows by one with a landing, and with nothing else; leave the counting to the program",
    fieldPath: ".spec.attempt",
  },
  {
    id: "unknown-change",
    rule: `!${unknownStable}`,
    message:
      "stable becomes the artifact when it settles, or what it was before when that is undone; no other step changes it",
    fieldPath: ".spec.stable",
  },
];
