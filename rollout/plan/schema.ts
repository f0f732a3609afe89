import { z } from "zod";
import { isDuration } from "./duration.ts";
import { type MetricName, metrics, statistics } from "./metrics.ts";
import type { Plan } from "./model.ts";
import { roles } from "./roles.ts";
import { problemsOf } from "./rules.ts";
import { systems } from "./systems.ts";

const name = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower-case words with dashes between them");
const text = z.string().min(1).max(500);
const duration = z.string().refine(isDuration, "a whole number and s, m, h or d, like 48h");
const percent = z.number().min(0).max(100);
const ratioPercent = z.number().positive().max(100);
const requirementId = z.string().regex(/^S(0-\d{2,3}|[1-4]-\d{3})$/, "a requirement like S0-01 or S3-150");
const decisionId = z.string().regex(/^X-\d{2}$/, "a decision like X-79");

/** Every object says where it comes from; `or` ties the two ways to the object's own keys. */
const provenance = {
  requirements: z.array(requirementId).min(1).optional(),
  proposed: z.literal(true).optional(),
  decision: decisionId.optional(),
};

interface Provenance {
  requirements?: string[] | undefined;
  proposed?: true | undefined;
  decision?: string | undefined;
}

const hasSource = ({ requirements, proposed, decision }: Provenance): boolean =>
  proposed ? decision !== undefined : decision === undefined && requirements !== undefined;

const sourceMessage = "needs either requirement ids, or `proposed: true` with the decision that says why";

const sourced = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.strictObject({ ...provenance, ...shape }).refine((value) => hasSource(value as Provenance), sourceMessage);

const metricNames = Object.keys(metrics) as [MetricName, ...MetricName[]];

const condition = {
  metric: z.enum(metricNames),
  statistic: z.enum(statistics),
  op: z.enum(["<", "<=", "==", ">=", ">"]),
  value: z.number(),
  against: z
    .strictObject({
      of: z.union([z.enum(["stable", "recorded"]), z.string().regex(/^phase:[a-z0-9-]+$/)]),
      as: z.enum(["ratio", "points"]),
    })
    .optional(),
  window: duration.optional(),
  minimum: z.strictObject({ trials: z.int().positive(), events: z.int().positive().optional() }).optional(),
  bySegment: z.literal(true).optional(),
};

const criterion = sourced({ id: name, ...condition, zeroTolerance: z.literal(true).optional() });

const ending = { id: name, for: duration, action: z.enum(["zero", "previous-phase"]) };
const trigger = z.union([sourced({ ...ending, ...condition }), sourced({ ...ending, signal: text })]);

const need = z.union([
  sourced({ need: z.enum(["staging-pass", "readiness", "capacity", "data-loss-choice"]) }),
  sourced({ need: z.literal("notice"), before: duration }),
]);

const approval = sourced({ anyOf: z.array(z.enum(roles)).min(1), ifApplicable: z.literal(true).optional() });

/** One phase of a plan by itself. */
export const planPhaseSchema = sourced({
  name,
  title: text,
  environment: z.enum(["staging", "production"]),
  percent,
  exposure: z.record(name, percent).optional(),
  minDuration: duration,
  mirror: z.literal(true).optional(),
  inWindow: z.literal(true).optional(),
  nodes: z
    .strictObject({
      criticality: z.array(z.enum(["low", "medium", "high"])).min(1),
      maxVmMemoryGB: z.number().positive().optional(),
      peakTraffic: z.boolean(),
    })
    .optional(),
  load: sourced({ duration, connections: z.int().positive() }).optional(),
  criteria: z.array(criterion),
  triggers: z.array(trigger),
  requires: z.array(need),
  approvals: z.array(approval),
  steps: z.array(sourced({ id: name, what: text })).optional(),
  slot: z.strictObject({ fromDay: z.int(), toDay: z.int().optional() }).optional(),
  watchEvery: duration.optional(),
});

const ladders = z.strictObject({
  normal: z.array(planPhaseSchema).min(2),
  expedited: z.array(planPhaseSchema).min(2).optional(),
});

const adapter = z.union([
  sourced({ kind: z.literal("http-weight"), wholeValidatorSets: z.literal(true).optional() }),
  sourced({
    kind: z.literal("feature-flag"),
    flag: text,
    by: z.literal("user"),
    backup: z.literal("http-weight").optional(),
  }),
  sourced({ kind: z.literal("node-cohort"), flag: text, api: z.url() }),
  sourced({ kind: z.literal("database-migration") }),
]);

const dependency = z.union([
  sourced({ system: z.enum(systems), kind: z.literal("never-above") }),
  sourced({ system: z.enum(systems), kind: z.literal("reached-first"), percent }),
]);

const when = z.union([
  z.strictObject({ every: duration }),
  z.strictObject({ daily: z.array(z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/)).min(1), timezone: text }),
  z.strictObject({ weekly: z.literal(true) }),
  z.strictObject({ before: z.enum(["start", "transition"]), by: duration }),
  z.strictObject({
    on: z.enum(["start", "rise", "phase-end", "rollback", "incident", "complete"]),
    within: duration.optional(),
  }),
]);

const amounts = z.strictObject({ cpu: text, memory: text });
const track = sourced({
  replicas: z.int().positive(),
  resources: z.strictObject({ requests: amounts, limits: amounts }).optional(),
  env: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).optional(),
});

const shape = sourced({
  system: z.enum(systems),
  title: text,
  version: text.optional(),
  seed: z.literal([0, 1, 2, 3, 4]),
  risk: z.enum(["low", "low-medium", "medium", "high"]),
  artifact: z.enum(["image", "version"]),
  adapter,
  ladders: z.strictObject({ staging: ladders, production: ladders }),
  detectability: z.enum(["warn", "refuse"]),
  segments: z.array(sourced({ name, title: text, share: ratioPercent, customers: z.boolean() })).min(1),
  rings: z.array(sourced({ name, segments: z.array(name).min(1) })).optional(),
  blastRadius: sourced({ percent, phases: z.array(name).min(1) }).optional(),
  cohort: sourced({
    stratifyBy: z.array(z.enum(["datacenter", "criticality", "workload"])).min(1),
    perDatacenter: z.strictObject({ atLeast: z.int().positive(), atMost: z.int().positive() }),
    exclusions: z.array(text),
  }).optional(),
  dependencies: z.array(dependency),
  interlocks: z.array(sourced({ systems: z.array(z.enum(systems)).min(1), why: text })).optional(),
  windows: z.array(sourced({ name, length: duration, startRequired: z.literal(true) })),
  objectives: z.array(sourced({ id: name, ...condition })),
  alerts: z.array(
    sourced({
      name: z.string().regex(/^[A-Z][A-Za-z0-9]*$/, "a name in PascalCase, as Prometheus rules have it"),
      severity: z.enum(["critical", "warning", "info"]),
      for: duration,
      every: duration.optional(),
      ...condition,
    }),
  ),
  alertWithin: sourced({ value: duration }).optional(),
  scrapeInterval: sourced({ value: duration }),
  baselines: z.array(
    sourced({ metric: z.enum(metricNames), value: z.number(), upTo: z.number().optional(), note: text.optional() }),
  ),
  communications: z.array(
    sourced({
      id: name,
      to: z.array(text).min(1),
      by: text,
      when,
      what: text,
      subject: text.optional(),
      body: z.string().min(1).max(2000).optional(),
    }),
  ),
  contacts: z.array(
    sourced({
      role: text,
      address: text,
      backup: text.optional(),
      reach: text.optional(),
      placeholder: z.literal(true).optional(),
    }),
  ),
  responses: z.array(sourced({ issue: text, severity: text, within: duration.optional(), action: text })).optional(),
  validations: z.array(
    sourced({ id: name, after: duration, every: duration.optional(), criteria: z.array(criterion) }),
  ),
  capacity: sourced({
    nodes: z
      .strictObject({
        atLeast: z.int().positive(),
        cores: z.number().positive().optional(),
        memoryGB: z.number().positive().optional(),
        networkGbps: z.number().positive().optional(),
        disk: text.optional(),
        iops: z.number().positive().optional(),
      })
      .optional(),
    reservePercent: percent,
    stable: track.optional(),
    canary: track.optional(),
  }),
  forecast: z.array(sourced({ period: text, operationsPerDay: z.number().positive() })).optional(),
  cost: sourced({
    monthlyUsd: z.number().positive().optional(),
    overProjectionPercent: z.number().positive().optional(),
  }).optional(),
  rollback: sourced({
    exposureWithin: duration,
    total: duration,
    steps: z
      .array(
        sourced({
          id: name,
          what: text,
          within: duration.optional(),
          exposes: z.literal(true).optional(),
          beforeDecision: z.literal(true).optional(),
        }),
      )
      .min(1),
    manual: duration.optional(),
    recovery: duration.optional(),
    armedFor: duration.optional(),
    postMortem: sourced({ anyOf: z.array(z.enum(roles)).min(1) }).optional(),
  }),
  risks: z.array(sourced({ what: text, level: text.optional(), answer: text })),
  dashboards: z.array(sourced({ title: text, shows: text, refresh: duration.optional() })),
});

/** The shape first; what holds between parts is checked only on a plan whose parts are right. */
export const planSchema = shape.superRefine((plan, context) => {
  for (const { path, message } of problemsOf(plan as unknown as Plan)) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

export const parsePlan = (value: unknown): Plan => planSchema.parse(value) as unknown as Plan;
