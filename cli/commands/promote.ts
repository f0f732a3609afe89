import { Command } from "commander";
import type { LiveObject } from "../../live/model.ts";
import { type Goal, nextGoal } from "../../rollout/transitions/explain.ts";
import { currentAbort, isSettled } from "../../rollout/transitions/model.ts";
import { CliError, exitCode } from "../output.ts";
import { type RiseOptions, rise } from "../rise.ts";

interface PromoteOptions extends RiseOptions {
  to?: string;
}

export function promoteCommand(): Command {
  return new Command("promote")
    .description("edit a system's percent (and phase) to the next phase, and show what that would do")
    .argument("<system>")
    .requiredOption("-s, --stack <stack>", "the stack whose file is edited")
    .option("--to <phase>", "the phase that is meant; refused where it isn't the next one")
    .option("--no-preview", "leave pulumi preview out")
    .addHelpText(
      "after",
      "\nIt edits the stack file and nothing else; pulumi up then takes the step. A refused step leaves it as it is.",
    )
    .addHelpText("after", "\nExample:\n  rampart promote wdbx --stack production --to canary-25")
    .action((system: string, { to, ...options }: PromoteOptions) =>
      rise(system, options, (rollout) => goalOf(rollout, to, options.stack)),
    );
}

export function settleCommand(): Command {
  return new Command("settle")
    .description("make the artifact the stable one, after the last phase has passed")
    .argument("<system>")
    .requiredOption("-s, --stack <stack>", "the stack whose file is edited")
    .option("--no-preview", "leave pulumi preview out")
    .addHelpText("after", "\nExample:\n  rampart settle wdbx --stack production")
    .action((system: string, options: RiseOptions) => rise(system, options, settleOf));
}

function goalOf(rollout: LiveObject, to: string | undefined, stack: string): Goal {
  const { spec } = rollout;
  if (isSettled(spec))
    throw new CliError(`${spec.system} is settled; name a new artifact with percent 0 in the config of ${stack}`);
  if (to !== undefined) return known(rollout, to);
  const goal = nextGoal(rollout);
  if (goal === "settle")
    throw new CliError(`${spec.system} is in its last phase; rampart settle ${spec.system} --stack ${stack}`);
  if (goal) return goal;
  const abort = currentAbort(rollout);
  throw new CliError(
    `attempt ${spec.attempt} of ${spec.system} was aborted by ${abort?.trigger} (${abort?.reason}); ` +
      "land a mended artifact, or the same with `retry` and a reason",
  );
}

function known({ spec }: LiveObject, phase: string): Goal {
  const names = spec.phases.map(({ name }) => name);
  const here = names.indexOf(spec.phase ?? "");
  const at = names.indexOf(phase);
  if (at < 0) throw new CliError(`there is no phase ${phase}; there are ${names.join(", ")}`, exitCode.usage);
  if (at <= here)
    throw new CliError(`${phase} isn't above ${spec.phase}; rampart rollback takes a system down`, exitCode.usage);
  return { phase };
}

function settleOf({ spec }: LiveObject): Goal {
  if (isSettled(spec)) throw new CliError(`${spec.system} is settled already`);
  return "settle";
}
