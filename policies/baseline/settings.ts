import type { PolicyConfigSchema } from "@pulumi/policy";
import { type Waivers, waiversFor } from "../../live/signed-files.ts";
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

export const readWaivers = ({ settings }: Settings, stack: string): Waivers =>
  waiversFor(checkout, stack, settings?.waivers, settings?.signers);
