import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { PolicyConfigSchema } from "@pulumi/policy";
import { readWaiver, type Waiver } from "../../rollout/baseline/waiver.ts";
import { parseAllowedSigners } from "../../rollout/evidence/allowed-signers.ts";
import { checkout } from "../checkout.ts";

export interface Settings {
  settings?: { registries?: string[]; waivers?: string; signers?: string };
}

const text = { type: "string", minLength: 1 } as const;

export const settingsSchema: PolicyConfigSchema = {
  properties: {
    settings: {
      type: "object",
      properties: { registries: { type: "array", items: text }, waivers: text, signers: text },
      additionalProperties: false,
    },
  },
};

export interface Waivers {
  counting: Waiver[];
  /** Files that are no waivers, and why. */
  problems: string[];
}

/** Waivers lie in `waivers/<stack>/`, one in a file. */
export function readWaivers({ settings }: Settings, stack: string, now: number): Waivers {
  const folder = resolve(checkout, settings?.waivers ?? "waivers", stack);
  const signersFile = resolve(checkout, settings?.signers ?? "evidence/allowed_signers");
  const signers = existsSync(signersFile) ? parseAllowedSigners(readFileSync(signersFile, "utf8"), signersFile) : [];
  const found: Waivers = { counting: [], problems: [] };
  for (const path of globSync(join(folder, "*.json")).sort()) {
    const file = relative(checkout, path);
    const { waiver, problems } = readWaiver({ file, text: readFileSync(path, "utf8") }, signers, stack, now);
    if (waiver) found.counting.push(waiver);
    else found.problems.push(...problems);
  }
  return found;
}
