import { z } from "zod";
import { isDuration } from "../plan/duration.ts";
import { roles } from "../plan/roles.ts";
import { systems } from "../plan/systems.ts";
import type { ReadinessItem } from "./model.ts";

const classes = z.enum(["D", "P", "A"]);

const item = z
  .strictObject({
    id: z.string().regex(/^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*-\d{2}$/, "like WDBX-GO-01"),
    what: z.string().min(3).max(120),
    class: classes,
    and: classes.optional(),
    or: classes.optional(),
    systems: z.array(z.enum(systems)).min(1),
    phase: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
    requirements: z.array(z.string().regex(/^S(0-\d{2,3}|[1-4]-\d{3})$/)).min(1),
    evidence: z.enum(["policy", "measurement", "report", "drill", "statement", "approval"]),
    role: z.enum(roles).optional(),
    validity: z.string().refine(isDuration).optional(),
  })
  .refine(
    (one) => (one.role === undefined) === (one.class === "D" && !one.and && !one.or),
    "a role signs everything that a policy doesn't decide alone, and nothing else",
  )
  .refine(
    (one) => (one.role === undefined) === (one.validity === undefined),
    "a signature has a validity, and nothing else has",
  )
  .refine((one) => (one.class === "D") === (one.evidence === "policy"), "D is decided by policy, P and A never are")
  .refine(
    (one) => one.class !== "A" || one.evidence === "statement" || one.evidence === "approval",
    "what a person attests is a statement or an approval",
  );

export const readinessSchema = z.array(item).superRefine((items, context) => {
  const seen = new Set<string>();
  for (const [index, { id }] of items.entries()) {
    if (seen.has(id)) context.addIssue({ code: "custom", path: [index, "id"], message: `${id} is there twice` });
    seen.add(id);
  }
});

export const parseReadiness = (value: unknown): ReadinessItem[] =>
  readinessSchema.parse(value) as unknown as ReadinessItem[];
