import { z } from "zod";
import { nearestWord } from "./nearest.ts";
import type { Problem } from "./problem.ts";
import { isRecord } from "./scan.ts";
import { isSecret, problemsOf, secretMessage } from "./zod-problems.ts";

export interface Checked<T> {
  value?: T;
  problems: Problem[];
}

/** A value by its schema alone; `subject` says whose value it should have been: `of wdbx's plan`. */
export function checkValue<T>(schema: z.ZodType<T>, value: unknown, path: readonly string[], subject = ""): Checked<T> {
  if (isSecret(value)) return { problems: [{ path, message: secretMessage }] };
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, problems: [] };
  return { problems: [...problemsOf(result.error, value, path, subject), ...strayKeys(schema, value, path)] };
}

export function unknownKeys(value: unknown, allowed: readonly string[], path: readonly string[]): Problem[] {
  if (!isRecord(value) || isSecret(value)) return [];
  return Object.keys(value)
    .filter((key) => !allowed.includes(key))
    .map((key) => {
      const nearest = nearestWord(key, allowed);
      const hint = nearest === undefined ? {} : { nearest };
      return { path: [...path, key], message: "is an unknown key", aboutKey: true, allowed, ...hint };
    });
}

/** Unknown keys at any depth: the schema refuses them too, but can't say what is allowed. */
function strayKeys(schema: z.ZodType, value: unknown, path: readonly string[]): Problem[] {
  const isOptional = schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional;
  const inner = isOptional ? (schema.unwrap() as z.ZodType) : schema;
  if (!isRecord(value)) return [];
  if (inner instanceof z.ZodRecord) {
    return Object.entries(value).flatMap(([key, one]) => strayKeys(inner.valueType as z.ZodType, one, [...path, key]));
  }
  if (!(inner instanceof z.ZodObject)) return [];
  const shape = inner.shape as Record<string, z.ZodType>;
  const nested = Object.entries(shape).flatMap(([key, one]) => strayKeys(one, value[key], [...path, key]));
  return [...unknownKeys(value, Object.keys(shape), path), ...nested];
}
