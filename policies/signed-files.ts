import type { PolicyConfigSchema } from "@pulumi/policy";
import { signedFor } from "../live/signed-files.ts";
import type { SignedFiles } from "../rollout/guard/approvals.ts";
import { checkout } from "./checkout.ts";

/** A policy's config: one map, since the engine takes any key beside those of a schema, but none inside of one. */
export interface Settings {
  files?: { calendar?: string; evidence?: string };
}

const path = { type: "string", minLength: 1 } as const;

export const settingsSchema: PolicyConfigSchema = {
  properties: {
    files: { type: "object", properties: { calendar: path, evidence: path }, additionalProperties: false },
  },
};

/** Seconds since 1970, by the clock of whoever runs the pack; signed times that are ahead of it are refused. */
export const clockOf = (): number => Date.now() / 1000;

/** Evidence for a stack and who may sign as what, as they lie in the checkout. */
export const readSigned = ({ files }: Settings, stack: string): SignedFiles =>
  signedFor(checkout, stack, files?.evidence);
