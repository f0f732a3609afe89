import type { StackConfig } from "../rollout/config/model.ts";
import { nearestWord } from "../rollout/config/nearest.ts";
import { parseStackFile } from "../rollout/config/parse.ts";
import { formatProblem } from "../rollout/config/problem.ts";
import { plans } from "../stacks/systems/plans.ts";
import { CliError, exitCode } from "./output.ts";
import { stackFiles } from "./project.ts";

export function findPlan(system: string): (typeof plans)[number] {
  const plan = plans.find((one) => one.system === system);
  if (plan) return plan;
  const systems = plans.map((one) => one.system);
  const nearest = nearestWord(system, systems);
  const hint = nearest === undefined ? "" : `; nearest: ${nearest}`;
  throw new CliError(`there is no system ${system}; there are ${systems.join(", ")}${hint}`, exitCode.usage);
}

/** The config of one stack, or the end of the command with every problem it has. */
export function stackConfig(directory: string, stack: string): StackConfig {
  const { file, text } = stackFiles(directory, stack)[0]!;
  const { config, problems } = parseStackFile(text, file, plans);
  if (config) return config;
  throw new CliError(`the config of ${stack} has problems\n${problems.map(formatProblem).join("\n")}`);
}
