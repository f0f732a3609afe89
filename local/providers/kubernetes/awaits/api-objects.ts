import { items, text } from "../kube-object.ts";
import { type Await, condition, explainCondition, failed, hasCondition, ready, waiting } from "./readiness.ts";

export const crdAwait: Await = {
  timeoutSeconds: 300,
  check(crd) {
    const names = condition(crd, "NamesAccepted");
    if (names?.status === "False") return failed(`names not accepted: ${explainCondition(names)}`);
    return hasCondition(crd, "Established") ? ready : waiting("not established yet");
  },
};

export const namespaceAwait: Await = {
  timeoutSeconds: 300,
  check(namespace) {
    const phase = text(namespace, "status", "phase");
    if (phase === "Active") return ready;
    const reasons = items(namespace, "status", "conditions").map(explainCondition);
    return waiting([`namespace is ${phase ?? "without a phase"}`, ...reasons].join("; "));
  },
};
