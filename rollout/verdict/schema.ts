import { z } from "zod";
import { drainActionSchema, exposureSchema, phaseSchema } from "../transitions/schema.ts";

/** A Rollout as the API server gives it. */
export const specSchema = z.object({
  system: z.string(),
  stable: z.string(),
  artifact: z.string(),
  revision: z.string(),
  retry: z.number(),
  attempt: z.number(),
  step: z.number(),
  phase: z.string().optional(),
  ladder: z.string(),
  planDigest: z.string(),
  phases: z.array(phaseSchema).min(1),
  drain: z.array(drainActionSchema).optional(),
  hold: z.boolean(),
  extendSeconds: z.number(),
  decommission: z.boolean(),
});
const aborted = z.object({
  attempt: z.number(),
  at: z.string().optional(),
  trigger: z.string(),
  reason: z.string(),
  to: exposureSchema,
});
const pass = z.object({
  phase: z.string(),
  revision: z.string(),
  attempt: z.number(),
  from: z.string().optional(),
  to: z.string().optional(),
  evidence: z.string().optional(),
  restored: z.boolean().optional(),
});
const window = z.object({ through: z.number(), n: z.number(), k: z.number(), span: z.number().optional() });
export const statusSchema = z.object({
  observedStep: z.number().default(0),
  onTarget: z.boolean().default(false),
  passed: z.array(pass).default([]),
  windows: z.record(z.string(), z.array(window)).optional(),
  aborted: aborted.optional(),
  phase: z.string().optional(),
  phaseStartedAt: z.string().optional(),
  effective: exposureSchema.optional(),
  effectivePercent: z.number().optional(),
  verdict: z
    .object({
      outcome: z.enum(["Passed", "Failed", "Inconclusive", "Error", "Running"]),
      reason: z.string().optional(),
      since: z.string().optional(),
    })
    .optional(),
  complete: z.boolean().default(false),
});
