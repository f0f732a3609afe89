import type { LiveObject } from "../live/model.ts";
import { type Goal, judgeGoal } from "../rollout/transitions/explain.ts";
import { formatReason } from "../rollout/transitions/reason.ts";
import { runEngine } from "./engine.ts";
import { CliError, printLine } from "./output.ts";
import { findPlan } from "./plans.ts";
import { pullRequestText } from "./pull-request.ts";
import { see } from "./see.ts";
import { openStack } from "./stack.ts";
import { editsForPhase, editsForSettle, writeEdits } from "./stack-edit.ts";
import { differences, type Seen, surroundingsOf, watchOf } from "./status-report.ts";

export interface RiseOptions {
  stack: string;
  preview: boolean;
}

/** Edits the config for one step up, once the live Rollout allows it, and shows what it would do. */
export async function rise(
  system: string,
  { stack: name, preview }: RiseOptions,
  choose: (rollout: LiveObject) => Goal,
): Promise<void> {
  findPlan(system);
  const stack = openStack(name);
  const seen = await see(stack);
  const rollout = seen.live[system]?.rollout;
  if (!rollout)
    throw new CliError(`${system} has no Rollout in ${stack.api.context}; run pulumi up --stack ${name} first`);
  const goal = choose(rollout);
  refuse(system, rollout, goal, seen);
  const { phases, artifact } = rollout.spec;
  const next = goal === "settle" ? undefined : phases.find((phase) => phase.name === goal.phase)!;
  const edit = next ? editsForPhase(next, phases) : editsForSettle(artifact);
  const written = writeEdits(stack, new Map([[system, edit]]));
  if (preview && !(await runEngine(stack.directory, ["preview", "--stack", name])).succeeded) {
    written.putBack();
    throw new CliError(`the preview failed, so ${stack.file} is as it was`);
  }
  printLine(pullRequestText(rollout, goal, name));
}

/** One variable moves at a time, so config and reality have to agree before, and the Rollout has to allow the step. */
function refuse(system: string, rollout: LiveObject, goal: Goal, seen: Seen): void {
  const { tried, reasons } = judgeGoal(rollout, goal, surroundingsOf(system, seen), watchOf(rollout, seen.now));
  const said = reasons.map((reason) => formatReason(tried, reason));
  const config = seen.config.systems[system];
  const differing = said.length > 0 ? [] : differences(config, seen.live[system]);
  if (said.length > 0) throw new CliError(`not yet\n${said.join("\n")}`);
  if (differing.length > 0) throw new CliError(`config and cluster have to agree first\n${differing.join("\n")}`);
}
