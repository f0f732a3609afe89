import type { z } from "zod";
import { nearestNumber, nearestWord } from "./nearest.ts";
import type { Problem } from "./problem.ts";

/** The issues of zod as problems in our words; `path` is where the value stands, `value` what was read there. */
export function problemsOf(error: z.ZodError, value: unknown, path: readonly string[], subject: string): Problem[] {
  return error.issues.flatMap((issue) => {
    const inner = issue.path.map(String);
    const at = [...path, ...inner];
    return issueProblems(issue, valueAt(value, inner), at, subject);
  });
}

export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inside, key) =>
      typeof inside === "object" && inside !== null && Object.hasOwn(inside, key)
        ? (inside as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function issueProblems(issue: z.core.$ZodIssue, got: unknown, path: readonly string[], subject: string): Problem[] {
  if (issue.code === "unrecognized_keys") return [];
  if (got === undefined) return [{ path, message: "is missing" }];
  if (got === null) return [{ path, message: "is empty; write a value, or remove the key if it isn't needed" }];
  if (isSecret(got)) return [{ path, message: secretMessage }];
  if (issue.code === "invalid_value") return [wrongValue(got, issue.values, path, subject)];
  if (issue.code === "invalid_type") {
    const expected = issue.expected === "int" ? "a whole number" : article(issue.expected);
    return [{ path, message: `${show(got)} is ${kindOf(got)}; expected ${expected}` }];
  }
  if (issue.code === "too_small" || issue.code === "too_big") return [outOfRange(issue, got, path)];
  if (issue.code === "invalid_format" && issue.message.startsWith("expected")) {
    return [{ path, message: `${show(got)} is not a legal ${keyName(path)}; ${issue.message}` }];
  }
  if (issue.code === "custom" && issue.message !== "Invalid input") return [{ path, message: issue.message }];
  return [{ path, message: `${show(got)} is not a legal ${keyName(path)}` }];
}

export const secretMessage = "is a secret; Rampart shows and compares this value, so it has to be plain";

/** Pulumi writes an encrypted value as a map with the one key `secure`. */
export function isSecret(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && Object.keys(value).length === 1 && Object.hasOwn(value, "secure")
  );
}

function wrongValue(got: unknown, values: readonly unknown[], path: readonly string[], subject: string): Problem {
  const key = keyName(path);
  const allowed = values.map(String);
  const numbers = values.filter((value) => typeof value === "number");
  if (numbers.length > 0 && typeof got === "string") {
    const nearest = nearestNumber(Number(got), numbers);
    const hint = Number.isFinite(Number(got)) && got.trim() !== "" && nearest !== undefined;
    const message = `${show(got)} is a string; write the number without quotes`;
    return { path, message, allowed, ...(hint ? { nearest: String(nearest) } : {}) };
  }
  const nearest =
    numbers.length > 0
      ? typeof got === "number" && Number.isFinite(got)
        ? nearestNumber(got, numbers)?.toString()
        : undefined
      : typeof got === "string"
        ? nearestWord(got, allowed)
        : undefined;
  const message = `${show(got)} is not ${article(key)} ${subject}`.trimEnd();
  return { path, message, allowed, ...(nearest === undefined ? {} : { nearest }) };
}

function outOfRange(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  got: unknown,
  path: readonly string[],
): Problem {
  const limit = issue.code === "too_small" ? issue.minimum : issue.maximum;
  const relation =
    issue.code === "too_small"
      ? issue.inclusive
        ? "at least"
        : "more than"
      : issue.inclusive
        ? "at most"
        : "less than";
  const unit = issue.origin === "string" ? " characters" : issue.origin === "array" ? " entries" : "";
  return { path, message: `${show(got)} is out of range; ${relation} ${limit}${unit}` };
}

/** The name of what stands at a path, without namespace; an entry of a list goes by the list's name. */
function keyName(path: readonly string[]): string {
  const name = path.findLast((part) => !/^\d+$/.test(part)) ?? "value";
  return name === "excludeNodes" ? "node name" : name.replace(/^rampart:/, "");
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`;
}

function kindOf(value: unknown): string {
  if (value === null) return "empty";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  return article(typeof value);
}

function show(value: unknown): string {
  const text =
    value === null ? "null" : typeof value === "number" ? String(value) : (JSON.stringify(value) ?? "nothing");
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
