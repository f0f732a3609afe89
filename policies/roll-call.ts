import { readFileSync } from "node:fs";
import { join } from "node:path";
import type {
  EnforcementLevel,
  PolicyConfigSchema,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationArgs,
  StackValidationPolicy,
} from "@pulumi/policy";

export type CheckedResource<Config> = Pick<ResourceValidationArgs, "type" | "props" | "urn" | "name" | "opts"> & {
  config: Config;
};
type Say = (message: string) => void;
/** The engine waits for what it returns; what is said later than that is lost. */
type Check<Config> = (resource: CheckedResource<Config>, refuse: Say, note: Say) => void | Promise<void>;
type StackCheck = (
  resources: StackValidationArgs["resources"],
  say: (message: string, level: EnforcementLevel, urn: string) => void,
) => void;

type Violation = { message: string; enforcementLevel: EnforcementLevel; urn?: string };

/** The SDK takes a level with a violation, although its types don't say so. */
const levelled = (report: unknown) => report as (violation: Violation) => void;

export const stackType = "pulumi:pulumi:Stack";

/**
 * Policies that call out when they are run. The engine lets a config switch any of them off without a word; the last one
 * says at the root resource, before anything else is looked at, which are at work and which are not.
 */
export function rollCall(pack: string) {
  const { version } = JSON.parse(readFileSync(join(process.cwd(), "package.json"), "utf8")) as { version: string };
  const names: string[] = [];
  const present = new Set<string>();
  return {
    /** A refusal stays mandatory whatever the config of the pack makes of its policy: it can be switched off, not weakened. */
    policy<Config extends object = object>(
      name: string,
      description: string,
      more: { configSchema?: PolicyConfigSchema },
      check: Check<Config>,
    ): ResourceValidationPolicy {
      names.push(name);
      return {
        name,
        description,
        ...more,
        validateResource: (args, report) => {
          if (args.type === stackType) present.add(name);
          const config = args.getConfig<Config>();
          const { type, props, urn, name: resource, opts } = args;
          const refuse = (message: string) => levelled(report)({ message, enforcementLevel: "mandatory" });
          const note = (message: string) => levelled(report)({ message, enforcementLevel: "advisory" });
          const known = Object.keys(more.configSchema?.properties ?? {});
          const strange = Object.keys(config).filter((key) => !known.includes(key));
          // The engine takes any key, and a mistyped one would set nothing without a word.
          if (args.type === stackType && strange.length > 0)
            refuse(`the pack's config has ${strange.join(", ")}; allowed are: ${known.join(", ") || "no keys"}`);
          // Files from elsewhere, with signers from elsewhere, are not to be overlooked.
          if (args.type === stackType && Object.keys(config).length > 0)
            note(`set by config: ${JSON.stringify(config)}`);
          return check({ type, props, urn, name: resource, opts, config }, refuse, note);
        },
      };
    },
    /** Sees all resources of a stack with their outputs: in a preview before, in an update after the change. */
    stackPolicy(name: string, description: string, check: StackCheck): StackValidationPolicy {
      return {
        name,
        description,
        validateStack: ({ resources }, report) =>
          check(resources, (message, enforcementLevel, urn) => levelled(report)({ message, enforcementLevel, urn })),
      };
    },
    report: (): ResourceValidationPolicy => ({
      name: `${pack}-at-work`,
      description: "Says which rules of this pack are at work",
      enforcementLevel: "advisory",
      validateResource: ({ type }, report) => {
        if (type !== stackType) return;
        const off = names.filter((name) => !present.has(name));
        console.log(`${pack} ${version}: ${names.length - off.length} of ${names.length} rules at work, all mandatory`);
        if (off.length > 0) report(`${pack} ${version}: switched off by its config: ${off.join(", ")}`);
      },
    }),
  };
}
