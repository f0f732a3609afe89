import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../rollout/config/model.ts";
import { parseConfigValues } from "../rollout/config/parse.ts";
import { formatProblem } from "../rollout/config/problem.ts";
import { plans } from "./systems/plans.ts";

/** The only reader of Pulumi's config: strict, typed, plain values out. */
export function readConfig(): StackConfig {
  const { config, problems } = parseConfigValues(pulumi.runtime.allConfig(), plans, secretKeys());
  if (problems) throw new pulumi.RunError(problems.map(formatProblem).join("\n"));
  if (!new pulumi.Config("kubernetes").get("context")) {
    throw new pulumi.RunError(
      "kubernetes:context is not set, and deploying to whatever cluster happens to be current is not safe; " +
        `set it: pulumi config set kubernetes:context NAME --stack ${pulumi.getStack()}`,
    );
  }
  return config;
}

/** The keys whose values the engine has decrypted for the program; the SDK has no other way to ask. */
const secretKeys = (): string[] => JSON.parse(process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]");
