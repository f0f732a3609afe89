import type { LadderName } from "../config/model.ts";
import type { Exposure } from "../exposure/exposure.ts";
import type { Duration } from "./duration.ts";
import type { MetricName, Statistic } from "./metrics.ts";
import type { Role } from "./roles.ts";
import type { SystemName } from "./systems.ts";

export type { LadderName };
export type PlanEnvironment = "staging" | "production";

/** A row of a seed's requirement catalogue. */
export type RequirementId = `S${0 | 1 | 2 | 3 | 4}-${number}`;
export type DecisionId = `X-${number}`;

/** Where something comes from: word for word from a seed, or proposed by us, and then by which decision. */
export type Source =
  | { requirements: readonly [RequirementId, ...RequirementId[]]; proposed?: never; decision?: never }
  | { proposed: true; decision: DecisionId; requirements?: readonly RequirementId[] };

export type Operator = "<" | "<=" | "==" | ">=" | ">";

/** What a value is held against; left out, the value is a limit of its own, in the metric's unit. */
export interface Baseline {
  /** The stable track now; what was recorded of it (in `baselines`, or else at the last phase that had both); a phase. */
  of: "stable" | "recorded" | `phase:${string}`;
  /** `ratio`: measured over baseline. `points`: measured minus baseline, in the metric's unit. */
  as: "ratio" | "points";
}

export interface Condition {
  metric: MetricName;
  /** How to judge it; always that of the metric, written out so that a plan can be read alone. */
  statistic: Statistic;
  op: Operator;
  value: number;
  against?: Baseline;
  /** What it is measured over; left out, the whole phase for a criterion and the latest reading for a trigger. */
  window?: Duration;
  /** Fewer than this decide nothing. */
  minimum?: { trials: number; events?: number };
  /** Also has to hold in each segment that is exposed, by itself. */
  bySegment?: true;
}

/** Has to hold for the phase to pass. */
export type Criterion = Source &
  Condition & {
    id: string;
    /** One event is one too many: no statistics, and nobody can sign it away. */
    zeroTolerance?: true;
  };

/** Ends the attempt; something that is measured, or something that a person reports. */
export type Trigger = Source & {
  id: string;
  /** How long it has to hold before it counts; `0s` is at once. */
  for: Duration;
  action: "zero" | "previous-phase";
} & (Condition | { signal: string });

/** Beside criteria and approvals: what else a phase needs before it can pass. */
export type Need = Source &
  (
    | { need: "staging-pass" }
    | { need: "readiness" }
    | { need: "notice"; before: Duration }
    | { need: "capacity" }
    | { need: "data-loss-choice" }
  );

/** One signature, by any one of these roles; different entries need different people. */
export type Approval = Source & { anyOf: readonly [Role, ...Role[]]; ifApplicable?: true };

/** Days from the plan's start, which is day 0; without an end it goes on. */
export interface Slot {
  fromDay: number;
  toDay?: number;
}

/** One thing that a phase does, in order; for phases that aren't about moving a weight. */
export type Step = Source & { id: string; what: string };

/** Which nodes a phase may take, beside how many. */
export interface NodeFilter {
  criticality: readonly ("low" | "medium" | "high")[];
  maxVmMemoryGB?: number;
  peakTraffic: boolean;
}

export type Phase = Source & {
  name: string;
  title: string;
  environment: PlanEnvironment;
  percent: number;
  /** Left out, everybody is one segment and gets `percent`. */
  exposure?: Exposure;
  minDuration: Duration;
  /** Copies of live requests go to the canary, answers are thrown away. */
  mirror?: true;
  /** May only be entered inside the plan's maintenance window. */
  inWindow?: true;
  nodes?: NodeFilter;
  /** Load that is made on purpose, for as long as it says. */
  load?: Source & { duration: Duration; connections: number };
  criteria: readonly Criterion[];
  triggers: readonly Trigger[];
  requires: readonly Need[];
  approvals: readonly Approval[];
  steps?: readonly Step[];
  slot?: Slot;
  /** How often people look, in words of the plan; the analyzer always looks more often. */
  watchEvery?: Duration;
};

export type Ladders = Readonly<
  Record<PlanEnvironment, { readonly normal: readonly Phase[]; readonly expedited?: readonly Phase[] }>
>;

/** How the exposure is brought about. */
export type Adapter = Source &
  (
    | { kind: "http-weight"; wholeValidatorSets?: true }
    | { kind: "feature-flag"; flag: string; by: "user"; backup?: "http-weight" }
    | { kind: "node-cohort"; flag: string; api: string }
    | { kind: "database-migration" }
  );

export type Segment = Source & {
  name: string;
  title: string;
  /** Percent of everybody; the config may know better. */
  share: number;
  /** Blast radius counts customers only. */
  customers: boolean;
};

/** Who gets it together, in order: ring 0 first. */
export type Ring = Source & { name: string; segments: readonly string[] };

export type CohortRules = Source & {
  stratifyBy: readonly ("datacenter" | "criticality" | "workload")[];
  perDatacenter: { atLeast: number; atMost: number };
  exclusions: readonly string[];
};

/** A need is met as well when the needed artifact is that system's stable one. */
export type Dependency = Source & { system: SystemName } & (
    | { kind: "never-above" }
    | { kind: "reached-first"; percent: number }
  );

/** Only one of these moves at a time. */
export type Interlock = Source & { systems: readonly SystemName[]; why: string };

export type Objective = Source & Condition & { id: string };

export type Severity = "critical" | "warning" | "info";

/** Tells people; unlike a trigger it moves nothing. */
export type Alert = Source & Condition & { name: string; severity: Severity; for: Duration; every?: Duration };

export type RecordedBaseline = Source & { metric: MetricName; value: number; upTo?: number; note?: string };

export type When =
  | { every: Duration }
  | { daily: readonly string[]; timezone: string }
  | { weekly: true }
  | { before: "start" | "transition"; by: Duration }
  | { on: "start" | "rise" | "phase-end" | "rollback" | "incident" | "complete"; within?: Duration };

export type Communication = Source & {
  id: string;
  to: readonly string[];
  by: string;
  when: When;
  what: string;
  subject?: string;
  body?: string;
};

export type Contact = Source & { role: string; address: string; backup?: string; reach?: string; placeholder?: true };

/** A look back after 100 %; what isn't a figure is a readiness item of the same name. */
export type Validation = Source & { id: string; after: Duration; every?: Duration; criteria: readonly Criterion[] };

export interface PodResources {
  requests: { cpu: string; memory: string };
  limits: { cpu: string; memory: string };
}
export type Track = Source & { replicas: number; resources?: PodResources; env?: Readonly<Record<string, string>> };

export type Capacity = Source & {
  nodes?: { atLeast: number; cores?: number; memoryGB?: number; networkGbps?: number; disk?: string; iops?: number };
  /** What has to stay free on every node, in percent. */
  reservePercent: number;
  stable?: Track;
  canary?: Track;
};

export type LoadForecast = Source & { period: string; operationsPerDay: number };
export type CostLimit = Source & { monthlyUsd?: number; overProjectionPercent?: number };

/** One step of the way back, in order. */
export type RollbackStep = Source & {
  id: string;
  what: string;
  within?: Duration;
  /** Users are back when this is done. */
  exposes?: true;
  /** Before anything is decided, so before the clock starts. */
  beforeDecision?: true;
};

export type Rollback = Source & {
  /** From the decision until users are back. */
  exposureWithin: Duration;
  /** From the decision until it is also verified. */
  total: Duration;
  steps: readonly RollbackStep[];
  /** By hand, where that is another way. */
  manual?: Duration;
  /** Until the system performs as before. */
  recovery?: Duration;
  /** How long after full exposure it stays armed. */
  armedFor?: Duration;
  /** Before the attempt that follows on one that was ended, one of these roles signs what had happened. */
  postMortem?: Source & { anyOf: readonly [Role, ...Role[]] };
};

export type Risk = Source & { what: string; level?: string; answer: string };
export type Window = Source & { name: string; length: Duration; startRequired: true };
export type Dashboard = Source & { title: string; shows: string; refresh?: Duration };
export type Response = Source & { issue: string; severity: string; within?: Duration; action: string };

/** Everything a rollout of one system promises: data, read by program, policies, analyzer and people alike. */
export type Plan = Source & {
  system: SystemName;
  title: string;
  version?: string;
  seed: 0 | 1 | 2 | 3 | 4;
  risk: "low" | "low-medium" | "medium" | "high";
  artifact: "image" | "version";
  adapter: Adapter;
  ladders: Ladders;
  /** Warn, or refuse a rise, when a phase could not see its own thresholds in its time. */
  detectability: "warn" | "refuse";
  segments: readonly Segment[];
  rings?: readonly Ring[];
  blastRadius?: Source & { percent: number; phases: readonly string[] };
  cohort?: CohortRules;
  dependencies: readonly Dependency[];
  interlocks?: readonly Interlock[];
  windows: readonly Window[];
  objectives: readonly Objective[];
  alerts: readonly Alert[];
  /** From something that goes wrong to somebody who knows. */
  alertWithin?: Source & { value: Duration };
  scrapeInterval: Source & { value: Duration };
  baselines: readonly RecordedBaseline[];
  communications: readonly Communication[];
  contacts: readonly Contact[];
  responses?: readonly Response[];
  validations: readonly Validation[];
  capacity: Capacity;
  forecast?: readonly LoadForecast[];
  cost?: CostLimit;
  rollback: Rollback;
  risks: readonly Risk[];
  dashboards: readonly Dashboard[];
};
