import { Command, Option } from "commander";
import { drainUntilDown, latch } from "../../live/abort.ts";
import type { LiveSystems } from "../../live/model.ts";
import { drainActions } from "../../rollout/transitions/drain-actions.ts";
import { type Descent, planRollback, type RollbackTarget } from "../../rollout/transitions/rollback.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { runEngine, targetsOf } from "../engine.ts";
import { CliError, exitCode, printLine } from "../output.ts";
import { findPlan } from "../plans.ts";
import { liveOf, openStack, type Stack } from "../stack.ts";
import { editsForPhase, writeEdits } from "../stack-edit.ts";

interface RollbackOptions {
  stack: string;
  to: RollbackTarget;
  reason: string;
  up: boolean;
}

export function rollbackCommand(): Command {
  return new Command("rollback")
    .description("take a system's users off the canary now, those of the systems that need it first")
    .argument("<system>")
    .requiredOption("-s, --stack <stack>", "the stack it is in")
    .requiredOption("--reason <text>", "why, for those who come later")
    .addOption(
      new Option("--to <target>", "zero ends the attempt; previous takes one phase back and lets it go on")
        .choices(["zero", "previous"])
        .default("zero"),
    )
    .option("--no-up", "leave the last step, pulumi up, to somebody else")
    .addHelpText(
      "after",
      `\n${order}\n\nExample:\n  rampart rollback wdbx --stack production --reason "errors at checkout"`,
    )
    .action((system: string, options: RollbackOptions) => rollback(system, options));
}

const order = `In this order: the latch (nobody can raise the attempt any more), the drain (repeated until the routes are seen to be
down), the config, pulumi up for these systems only. No missing pass, freeze or evidence stands against it, it needs no
analyzer, and Pulumi's lock holds up only its last step. It may be run again at any time, also after it was interrupted.`;

async function rollback(system: string, { stack: name, to, reason, up }: RollbackOptions): Promise<void> {
  findPlan(system);
  const say = stopwatch();
  const stack = openStack(name);
  const live = await liveOf(stack);
  const descents = planRollback(system, to, plans, live);
  if (descents.length === 0) {
    const why = live[system]?.rollout ? "is settled: everybody is on stable" : `has no Rollout in ${stack.api.context}`;
    printLine(`${system} ${why}, so there is nothing to take back`);
    return;
  }
  const problems = [
    ...(await latchAll(stack, live, descents, reason, say)),
    ...(await drainAll(stack, live, descents, say)),
    ...writeConfig(stack, live, descents, say),
    ...(up ? await apply(stack, descents, say) : [`${upCommand(stack, descents)}, which was left out`]),
  ];
  if (problems.length === 0) {
    say("done; commit the stack file");
    return;
  }
  for (const problem of problems) printLine(`left to do: ${problem}`);
  if (up || problems.length > 1) process.exitCode = exitCode.problem;
}

type Say = (text: string) => void;

function stopwatch(): Say {
  const start = performance.now();
  return (text) => printLine(`${((performance.now() - start) / 1000).toFixed(2).padStart(6)} s  ${text}`);
}

/** All latches before the first drain: no system may be raised again while another one is drained. */
async function latchAll(
  { api }: Stack,
  live: LiveSystems,
  descents: readonly Descent[],
  reason: string,
  say: Say,
): Promise<string[]> {
  const problems: string[] = [];
  for (const { system, endsAttempt } of descents) {
    if (endsAttempt === undefined) continue;
    try {
      await latch(api, live[system]!.namespace, endsAttempt, reason);
      say(`${system}: attempt ${endsAttempt} is over; nobody can raise it any more`);
    } catch (error) {
      problems.push(`${system} isn't latched: ${(error as Error).message}`);
    }
  }
  return problems;
}

async function drainAll({ api }: Stack, live: LiveSystems, descents: readonly Descent[], say: Say): Promise<string[]> {
  const problems: string[] = [];
  for (const { system, to } of descents) {
    const { namespace, rollout } = live[system]!;
    const actions = drainActions(rollout!.spec, to);
    const { isDown, errors, rounds } = await drainUntilDown(api, namespace, actions);
    if (actions.length === 0) say(`${system}: has no drain actions, so there is nothing to drain`);
    else if (isDown) say(`${system}: drained (${actions.map((one) => one.name).join(", ")}), seen down`);
    else
      problems.push(`${system} isn't down after ${rounds} rounds: ${errors.join("; ") || "somebody raises it again"}`);
  }
  return problems;
}

function writeConfig(stack: Stack, live: LiveSystems, descents: readonly Descent[], say: Say): string[] {
  const edits = new Map(
    descents.map(({ system, phase }) => [system, editsForPhase(phase, live[system]!.rollout!.spec.phases)] as const),
  );
  try {
    const { isChanged } = writeEdits(stack, edits);
    const places = descents.map(({ system, phase }) => `${system} ${phase.name} (${phase.percent} %)`).join(", ");
    say(`${stack.file}: ${isChanged ? "now says" : "says already"} ${places}`);
    return [];
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [`write the config down by hand: ${error.message}`];
  }
}

const upArgs = (stack: Stack, descents: readonly Descent[]): string[] => [
  ...["up", "--stack", stack.name, "--yes", "--skip-preview"],
  ...targetsOf(descents.map(({ system }) => system)),
];

const upCommand = (stack: Stack, descents: readonly Descent[]): string =>
  `pulumi ${upArgs(stack, descents)
    .map((arg) => (arg.includes("*") ? `'${arg}'` : arg))
    .join(" ")}`;

async function apply(stack: Stack, descents: readonly Descent[], say: Say): Promise<string[]> {
  const { succeeded, isLocked } = await runEngine(stack.directory, upArgs(stack, descents));
  if (succeeded) {
    say(`pulumi up: ${descents.map(({ system }) => system).join(", ")}`);
    return [];
  }
  const why = isLocked ? "another update holds the stack's lock" : "pulumi up failed";
  return [`${upCommand(stack, descents)} (${why}; nobody's traffic waits for it)`];
}
