import { Command } from "commander";
import { prometheusBehind } from "../../live/prometheus.ts";
import { checklistOf } from "../../rollout/checklist/phase.ts";
import { readinessReport } from "../../rollout/checklist/report.ts";
import { instantOf } from "../../rollout/evidence/statement.ts";
import { inWords } from "../../rollout/plan/duration.ts";
import { itemsOf } from "../../rollout/readiness/readiness.ts";
import { type Answered, lookBackOf, questionsOf, validationAt } from "../../rollout/validation/validation.ts";
import { answersTo, provenBy } from "../figures.ts";
import { CliError, exitCode, printLine, printTable } from "../output.ts";
import { findPlan } from "../plans.ts";
import { type SignerOptions, signerOf, signSeen } from "../seen.ts";
import { signedFor } from "../signed.ts";
import { configOf, liveOf, openStack } from "../stack.ts";

interface CheckOptions extends SignerOptions {
  stack: string;
  at: string;
  context?: string;
}

export function checkCommand(): Command {
  return new Command("check")
    .description(
      "look back after 100 %: what the plan promises for day 1, week 1, month 1, from what was measured since",
    )
    .argument("<system>")
    .requiredOption("-s, --stack <stack>", "the stack whose cluster is looked at")
    .requiredOption("--at <when>", "which look back: its name in the plan, or when it is due (day-1, week-1, 72h)")
    .option("--context <context>", "look with another login of the kubeconfig, such as one that may reach Prometheus")
    .option("--as <principal>", "who signs; without it nothing is signed")
    .option("--key <file>", "SSH key, private or public with an agent")
    .addHelpText("after", "\nExample:\n  rampart check wdbx --stack production --at day-1 --context production-admin")
    .addHelpText("after", "\nThe code is 1 where a figure doesn't hold or isn't known.")
    .action((system: string, options: CheckOptions) => check(system, options));
}

async function check(system: string, { stack: name, at, context, as, key }: CheckOptions): Promise<void> {
  const plan = findPlan(system);
  const validation = validationAt(plan, at);
  if (!validation) {
    const known = plan.validations.map(({ id, after }) => `${id} (${after})`).join(", ");
    throw new CliError(`the plan of ${system} has no look back at ${at}; there are: ${known}`, exitCode.usage);
  }
  const signer = signerOf({ as, key });
  const stack = openStack(name, context);
  const { time } = configOf(stack).scale;
  const rollout = (await liveOf(stack))[system]?.rollout;
  if (!rollout) throw new CliError(`${system} has no Rollout in ${stack.api.context}; there is nothing to look at`);
  const lookBack = lookBackOf(rollout, validation, time);
  if (!lookBack) throw new CliError(`${system} isn't at 100 % in ${name}, so there is nothing to look back at`);
  const now = Date.now() / 1000;
  const left = lookBack.due - now;
  if (left > 0)
    throw new CliError(`${validation.id} of ${system} is due in ${inWords(left)}, at ${instantOf(lookBack.due)}`);

  const answered = await answersTo(questionsOf(plan, validation, time), prometheusBehind(stack.api));
  print(answered, `${validation.id} of ${system}`);
  if (signer)
    for (const seen of provenBy(answered, itemsOf(system, validation.id)))
      for (const file of signSeen(stack, rollout, seen, [lookBack.since, now], signer)) printLine(`signed: ${file}`);
  const { verdicts } = checklistOf(plan, rollout, validation.id, signedFor(stack.directory, name));
  if (verdicts.length > 0) printLine(`\n${readinessReport(`${system}, checklist of ${validation.id}`, verdicts)}`);
}

function print(answered: readonly Answered[], what: string): void {
  if (answered.length === 0) {
    printLine(`${what}: the plan names no figures`);
    return;
  }
  printTable(
    ["figure", "promised", "measured", ""],
    answered.map(({ criterion: { id, metric, op, value, against }, said, holds }) => [
      ...[`${id} (${metric})`, `${op} ${value}${against ? ` times ${against.of}` : ""}`, said],
      holds ? "holds" : "does not hold",
    ]),
  );
  if (answered.some(({ holds }) => !holds)) process.exitCode = exitCode.problem;
}
