import { z } from "zod";
import { canonicalJson } from "./canonical.ts";

/** The namespace of every signature, so that none made for git or mail can be passed off as evidence. */
export const evidenceNamespace = "rampart-evidence";

const name = z.string().regex(/^[a-z0-9][a-z0-9._/-]{0,127}$/, "lower-case letters, digits and . _ / - only");
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, "sha256: and 64 hex digits");
const text = (longest: number) => z.string().min(1).max(longest);
const instant = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, "UTC to the second, like 2026-03-01T09:00:00Z")
  .refine((value) => instantToSeconds(value) !== undefined, "no such day or time");

/** Times compare as text only because all have one form; this turns one into seconds, or undefined if there's no such day. */
export function instantToSeconds(value: string): number | undefined {
  const time = Date.parse(value);
  return Number.isNaN(time) || !new Date(time).toISOString().startsWith(value.slice(0, 19)) ? undefined : time / 1000;
}

export const instantOf = (seconds: number): string =>
  `${new Date(Math.floor(seconds) * 1000).toISOString().slice(0, 19)}Z`;

const itemId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}$/, "letters, digits and . _ : / - only");

export const statementSchema = z.strictObject({
  format: z.literal("rampart-evidence/v1"),
  system: name,
  stack: name,
  artifact: text(512),
  revision: text(128),
  planDigest: digest,
  phase: name,
  attempt: z.int().min(0),
  /** Item ids as a set: sorted, each once, so that one claim has one spelling. */
  items: z
    .array(itemId)
    .min(1)
    .max(1000)
    .refine(
      (items) => items.every((item, index) => index === 0 || items[index - 1]! < item),
      "sorted, and each id only once",
    ),
  result: z.enum(["passed", "failed", "not-applicable"]),
  /** Required where something is said not to apply. */
  reason: text(2000).optional(),
  /** What the claim is about: measurements and drills took place in here. */
  window: z.strictObject({ from: instant, to: instant }),
  issuedAt: instant,
  expires: instant,
  signer: z.strictObject({ principal: text(256), role: name }),
  /** Figures behind the claim, for people and for replay; rules don't read them. */
  figures: z.record(z.string().min(1).max(128), z.union([z.string().max(2000), z.number(), z.boolean()])).optional(),
  /** Head of the attempt's log when this was signed. */
  logHead: digest.optional(),
});
export type Statement = z.infer<typeof statementSchema>;

/** What gets signed: nothing else than these bytes is ever verified or believed. */
export function statementBytes(statement: Statement): Buffer {
  return Buffer.from(canonicalJson(statement), "utf8");
}

/** Puts item ids into the order that a statement needs. */
export const itemSet = (items: Iterable<string>): string[] => [...new Set(items)].sort();
