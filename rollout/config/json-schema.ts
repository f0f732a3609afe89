import { z } from "zod";
import type { Plan } from "../plan/model.ts";
import { monitoringSchema } from "./monitoring.ts";
import {
  certificateSchema,
  databaseSchema,
  environmentSchema,
  handoverSchema,
  layerSchema,
  scaleSchema,
  systemSchema,
} from "./schema.ts";

/**
 * JSON Schema of a stack file for editors, from the same zod schema that the parser uses. What concerns two keys
 * together (a phase and its percent) only the parser knows.
 */
export function stackFileJsonSchema(plans: readonly Plan[]): Record<string, unknown> {
  const part = (schema: z.ZodType) => {
    const { $schema, ...rest } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
    return rest;
  };
  const systems = plans.map((plan) => [`rampart:${plan.system}`, part(systemSchema(plan, {}))]);
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Rampart stack file (Pulumi.<stack>.yaml)",
    type: "object",
    required: ["config"],
    properties: {
      config: {
        type: "object",
        required: ["rampart:environment", "rampart:layer"],
        properties: {
          "rampart:environment": { ...part(environmentSchema), description: "Whose phases of the plans count" },
          "rampart:layer": { ...part(layerSchema), description: "platform: what guards; systems: what moves" },
          "rampart:scale": part(scaleSchema),
          "rampart:certificate": part(certificateSchema),
          "rampart:handover": part(handoverSchema),
          "rampart:monitoring": part(monitoringSchema),
          "rampart:database": part(databaseSchema),
          ...Object.fromEntries(systems),
        },
        patternProperties: { "^(?!rampart:)[^:]+:.+$": true },
        additionalProperties: false,
      },
      secretsprovider: { type: "string" },
      encryptedkey: { type: "string" },
      encryptionsalt: { type: "string" },
    },
    additionalProperties: false,
  };
}
