import * as pulumi from "@pulumi/pulumi";
import type { StackConfig } from "../rollout/config/model.ts";
import { parseConfigValues } from "../rollout/config/parse.ts";
import { formatProblem } from "../rollout/config/problem.ts";
import { secretsNeeded } from "../rollout/monitoring/alertmanager-config.ts";
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

const namespace = "monitoring";

/** What the config of the monitoring needs and must not show: each a secret `monitoring:NAME` of the stack. */
export type Secrets = Readonly<Record<string, pulumi.Output<string>>>;

export function readSecrets({ monitoring }: StackConfig): Secrets {
  const { receivers = {}, images } = monitoring ?? {};
  const needed = [...secretsNeeded(receivers), ...(images?.grafana ? ["grafana"] : [])];
  const keys = needed.map((name) => `${namespace}:${name}`);
  const given = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(`${namespace}:`));
  const set = `pulumi config set --secret ${namespace}:NAME VALUE --stack ${pulumi.getStack()}`;
  const isSecret = (key: string) => secretKeys().includes(key);
  const problems = [
    ...keys.filter((key) => !given.includes(key)).map((key) => `${key}: is missing; set it: ${set}`),
    ...given.filter((key) => keys.includes(key) && !isSecret(key)).map((key) => `${key}: is plain text; use ${set}`),
    ...given
      .filter((key) => !keys.includes(key))
      .map((key) => `${key}: nothing uses it; allowed: ${keys.join(", ") || "none, as no receiver needs one"}`),
  ];
  if (problems.length > 0) throw new pulumi.RunError(problems.join("\n"));
  return Object.fromEntries(needed.map((name) => [name, new pulumi.Config(namespace).requireSecret(name)]));
}
