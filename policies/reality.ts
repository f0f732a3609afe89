import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { LiveSystems } from "../live/model.ts";
import type { StackConfig } from "../rollout/config/model.ts";
import { parseStackFile } from "../rollout/config/parse.ts";
import { formatProblem } from "../rollout/config/problem.ts";
import { stagingPass } from "../rollout/evidence/staging-pass.ts";
import type { RolloutArgs } from "../rollout/guard/args.ts";
import { reachedBySystem, unmetNeeds } from "../rollout/transitions/dependencies.ts";
import { isSettled } from "../rollout/transitions/model.ts";
import { plans } from "../stacks/systems/plans.ts";
import { checkout } from "./checkout.ts";
import { readSigned, type Settings } from "./signed-files.ts";

/** What a pack has found out itself: the live Rollouts and the stack's config, not what a program says of them. */
export interface Reality {
  live: LiveSystems;
  config: StackConfig;
}

/** By the stack's own file, with the user's own kubeconfig; throws in one sentence where that isn't possible. */
export async function readReality(stack: string): Promise<Reality> {
  const file = `Pulumi.${stack}.yaml`;
  const text = readFileSync(join(checkout, file), "utf8");
  const { config, problems } = parseStackFile(text, file, plans);
  if (!config) throw new Error(problems.map(formatProblem).join("; "));
  const context: unknown = parse(text)?.config?.["kubernetes:context"];
  if (typeof context !== "string") throw new Error(`${file}: it names no kubernetes:context`);
  // Loaded only where a cluster is asked, for that takes longer than all rules together.
  const [{ connect }, { readLive }] = await Promise.all([import("../live/api.ts"), import("../live/read.ts")]);
  return { config, live: (await readLive(connect(context))) ?? {} };
}

type Read = Pick<RolloutArgs, "live" | "facts">;

/** What there is to know about a system before a step, beside what its needs are. */
export function readFor(system: string, artifact: string, { live, config }: Reality, settings: Settings): Read {
  const known = live[system];
  const plan = plans.find((one) => one.system === system);
  const staging = (): boolean => {
    const { files, signers, clock } = readSigned(settings, "staging");
    return plan !== undefined && stagingPass(plan, artifact, files, signers, clock).met;
  };
  const { rollout } = known ?? {};
  return {
    live: rollout && {
      spec: rollout.spec,
      status: { ...rollout.status, phaseStartedAt: rollout.status.phaseStartedAt },
    },
    facts: {
      environment: config.environment,
      stagingPassed: config.environment === "production" && staging(),
      record: known?.record,
      unmetNeeds: [],
      expectedRps: config.systems[system]?.expectedRps,
      written: config.systems[system] ?? "nothing",
    },
  };
}

/** Needs of the place that the config asks for. */
export function needsOf({ system, wish }: RolloutArgs, { live }: Reality): string[] {
  const plan = plans.find((one) => one.system === system);
  const percent = isSettled(wish) ? 0 : (wish.phases.find(({ name }) => name === wish.phase)?.percent ?? 0);
  return plan ? unmetNeeds(plan, percent, reachedBySystem(live)) : [];
}
