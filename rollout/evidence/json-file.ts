import type { z } from "zod";

/** What a JSON file says, once as it was written and once as the schema knows it; throws what is wrong with it, and where. */
export function parseJsonFile<T>(
  schema: z.ZodType<T>,
  text: string,
  file: string,
  what: string,
): { value: unknown; data: T } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file}: not JSON: ${(error as Error).message}`);
  }
  const { data, error } = schema.safeParse(value);
  if (!error) return { value, data };
  const [issue] = error.issues;
  throw new Error(
    `${file}: not ${what} (${issue?.path.join(".")}: ${issue?.message}); rampart evidence pull writes them`,
  );
}
