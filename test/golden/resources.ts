import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { shortDigest } from "../../components/pods.ts";
import { root } from "../../local/paths.ts";
import { readConfig, readSecrets } from "../../stacks/config.ts";
import { deployPlatform } from "../../stacks/platform.ts";
import { deploySystems } from "../../stacks/systems.ts";

/** A resource as the program declares it. */
export interface Declared {
  readonly urn: string;
  readonly inputs: unknown;
}

/** Runs the program for one stack with nothing behind it, and notes what it declares; components only group it. */
export async function declaredBy(stack: string): Promise<Declared[]> {
  const text = await readFile(join(root, `Pulumi.${stack}.yaml`), "utf8");
  const config: Record<string, unknown> = parse(text).config;
  const declared: Declared[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        if (!type.startsWith("rampart:")) declared.push({ urn: `${type}::${name}`, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: ({ token }) => {
        throw new Error(`${token}: this program calls no functions`);
      },
    },
    "rampart",
    stack,
    true,
  );
  pulumi.runtime.setAllConfig(
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [key, typeof value === "string" ? value : JSON.stringify(value)]),
    ),
  );
  const read = readConfig();
  if (read.layer === "platform") deployPlatform(read, readSecrets(read));
  else deploySystems(read, { live: {}, stagingPassed: () => false, signed: () => [] });
  await pulumi.runtime.disconnect();
  return declared.sort((a, b) => a.urn.localeCompare(b.urn));
}

/** Long data that has tests of its own: here only whether it has changed. */
const summarized = ["phases", "drain", "openAPIV3Schema", "validations", "variables"];

export function summarize(key: string, value: unknown): unknown {
  if (/^(rampart.dev\/)?revision$/.test(key)) return "<from the image's digest>";
  return (summarized.includes(key) || key.endsWith(".yml")) && value !== undefined ? shortDigest(value) : value;
}

/** Digests differ from compiler to compiler: they become numbers, in the order in which they appear. */
export function maskDigests(text: string): string {
  const seen: string[] = [];
  return text.replace(/sha256:[0-9a-f]{64}/g, (digest) => {
    if (!seen.includes(digest)) seen.push(digest);
    return `sha256:<${seen.indexOf(digest) + 1}>`;
  });
}
