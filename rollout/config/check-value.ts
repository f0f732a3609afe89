import type { z } from "zod";
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
  return { problems: problemsOf(result.error, value, path, subject) };
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
