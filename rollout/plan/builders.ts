import type { Duration } from "./duration.ts";
import { type MetricName, metrics } from "./metrics.ts";
import type {
  Alert,
  Approval,
  Criterion,
  DecisionId,
  Objective,
  Operator,
  Phase,
  PlanEnvironment,
  RequirementId,
  Severity,
  Source,
  Trigger,
} from "./model.ts";
import type { Role } from "./roles.ts";

/** Word for word from a seed. */
export const from = (...requirements: [RequirementId, ...RequirementId[]]) => ({ requirements }) satisfies Source;

/** Ours, by this decision; the requirements are those that it helps to meet. */
export const proposed = (decision: DecisionId, ...requirements: RequirementId[]) =>
  ({ proposed: true, decision, ...(requirements.length > 0 ? { requirements } : {}) }) satisfies Source;

type CriterionRest = Source & Partial<Pick<Criterion, "against" | "window" | "minimum" | "bySegment">>;

export const criterion = (
  id: string,
  metric: MetricName,
  op: Operator,
  value: number,
  rest: CriterionRest,
): Criterion => ({ id, metric, statistic: metrics[metric].statistic, op, value, ...rest });

/** A criterion that the first event breaks. */
export const none = (id: string, metric: MetricName, rest: CriterionRest): Criterion => ({
  ...criterion(id, metric, "==", 0, rest),
  zeroTolerance: true,
});

export const trigger = (
  id: string,
  metric: MetricName,
  op: Operator,
  value: number,
  lasting: Duration,
  rest: CriterionRest & Partial<Pick<Trigger, "action">>,
): Trigger => ({ id, metric, statistic: metrics[metric].statistic, op, value, for: lasting, action: "zero", ...rest });

/** Pulled by a person. */
export const signal = (id: string, what: string, rest: Source & Partial<Pick<Trigger, "action">>): Trigger => ({
  id,
  signal: what,
  for: "0s",
  action: "zero",
  ...rest,
});

/** One signature of each role. */
export const signedBy = (source: Source, ...roles: readonly Role[]): Approval[] =>
  roles.map((role) => ({ anyOf: [role], ...source }));

type PhaseDraft = Source &
  Omit<Phase, "environment" | "criteria" | "triggers" | "requires" | "approvals" | keyof Source> &
  Partial<Pick<Phase, "criteria" | "triggers" | "requires" | "approvals">>;

/** Phases of one environment, in order; what a phase leaves out, it has none of. */
export const ladder = (environment: PlanEnvironment, drafts: readonly PhaseDraft[]): Phase[] =>
  drafts.map((draft) => ({ criteria: [], triggers: [], requires: [], approvals: [], ...draft, environment }));

export const alert = (
  name: string,
  severity: Severity,
  metric: MetricName,
  op: Operator,
  value: number,
  lasting: Duration,
  rest: Source & Partial<Pick<Alert, "against" | "window" | "every" | "minimum">>,
): Alert => ({ name, severity, metric, statistic: metrics[metric].statistic, op, value, for: lasting, ...rest });

export const objective = (
  id: string,
  metric: MetricName,
  op: Operator,
  value: number,
  rest: Source & Partial<Pick<Objective, "against" | "window">>,
): Objective => ({ id, metric, statistic: metrics[metric].statistic, op, value, ...rest });
