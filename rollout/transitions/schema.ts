import { z } from "zod";

// Of what comes from outside: an API server, an engine.

export const exposureSchema = z.record(z.string(), z.number().min(0).max(100));

export const phaseSchema = z.object({
  name: z.string().min(1),
  percent: z.number().min(0).max(100),
  exposure: exposureSchema,
  soakSeconds: z.number().min(0),
  mirror: z.literal(true).optional(),
  digest: z.string().min(1),
});

export const drainActionSchema = z.object({
  name: z.string(),
  kind: z.enum(["patch", "runJob", "http", "aws"]),
  to: z.enum(["zero", "previous", "both"]),
  phase: z.string().optional(),
  apiVersion: z.string().optional(),
  resource: z.string().optional(),
  target: z.string(),
  body: z.string().optional(),
});
