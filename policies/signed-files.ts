import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { PolicyConfigSchema } from "@pulumi/policy";
import { parseAllowedSigners } from "../rollout/evidence/allowed-signers.ts";
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
export function readSigned({ files }: Settings, stack: string): SignedFiles {
  const folder = resolve(checkout, files?.evidence ?? "evidence");
  const signersFile = join(folder, "allowed_signers");
  const found = globSync(join(folder, stack, "*", "*.json")).sort();
  return {
    stack,
    files: found.map((file) => ({ file: relative(checkout, file), text: readFileSync(file, "utf8") })),
    signers: existsSync(signersFile) ? parseAllowedSigners(readFileSync(signersFile, "utf8"), signersFile) : [],
    clock: { now: clockOf() },
  };
}
