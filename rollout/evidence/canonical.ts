import { createHash } from "node:crypto";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * The one spelling of a value that gets hashed and signed (RFC 8785): keys sorted by UTF-16 code unit, no spaces,
 * numbers as ECMAScript prints them. Keys that are undefined are left out; whatever JSON can't say is refused.
 */
export function canonicalJson(value: unknown): string {
  return write(value, "$");
}

/** `sha256:` and 64 hex digits over the canonical spelling. */
export function digestOf(value: unknown): string {
  return `sha256:${createHash("sha256").update(canonicalJson(value), "utf8").digest("hex")}`;
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return writeString(value, path);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${path}: ${value} has no canonical form; only finite numbers do`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item, index) => write(item, `${path}[${index}]`)).join(",")}]`;
  if (isPlainObject(value)) {
    const members = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort()
      .map((key) => `${writeString(key, path)}:${write(value[key], `${path}.${key}`)}`);
    return `{${members.join(",")}}`;
  }
  throw new TypeError(`${path}: a ${describe(value)} has no canonical form; allowed are plain JSON values`);
}

function writeString(value: string, path: string): string {
  if (/\p{Surrogate}/u.test(value))
    throw new TypeError(`${path}: the text holds half of a surrogate pair; it isn't Unicode`);
  return JSON.stringify(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const describe = (value: unknown): string =>
  typeof value === "object" ? (value?.constructor?.name ?? "object") : typeof value;
