import { readFileSync } from "node:fs";
import { z } from "zod";

const half = z.strictObject({ scope: z.string().min(1), members: z.int().min(1), postgresVersion: z.int() });
const pair = z.strictObject({
  namespace: z.string().min(1),
  clusters: z.tuple([half, half]),
  leads: z.string().min(1),
});

const environment = z.object({
  CONTEXT: z.string().min(1).default("inClusterContext"),
  PAIR: z.string().transform((text) => pair.parse(JSON.parse(text))),
  POOLER_PASSWORD: z.string().min(1),
  /** Between clusters of one major version. */
  REWIND_PASSWORD: z.string().default(""),
  /** Between two. */
  SUPERUSER_PASSWORD: z.string().default(""),
  CA_FILE: z.string().transform((file) => readFileSync(file, "utf8")),
  /** How long it may take before anything is changed; seconds. */
  PATIENCE: z.coerce.number().default(120),
});

export type Settings = z.infer<typeof environment>;
export const readSettings = (env: NodeJS.ProcessEnv): Settings => environment.parse(env);
