import { Argument, Command, InvalidArgumentError, Option } from "commander";
import {
  type Environment,
  environments,
  type LadderName,
  ladders,
  planEnvironment,
} from "../../rollout/config/model.ts";
import { phasesOf } from "../../rollout/plan/ladder.ts";
import type { Phase, Plan } from "../../rollout/plan/model.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { dayText, parseDate, phaseDays } from "../calendar.ts";
import { CliError, exitCode, lineWidth, printJson, printLine, printTable, styled } from "../output.ts";
import {
  approvalTexts,
  criterionText,
  dependencyTexts,
  exposureText,
  needText,
  percentsText,
  remarkTexts,
  triggerText,
} from "../plan-text.ts";
import { findPlan } from "../plans.ts";
import { wrap } from "../table.ts";

interface PlanOptions {
  start?: Date;
  environment: Environment;
  ladder: LadderName;
  json?: true;
}

const startDate = (text: string): Date => {
  const date = parseDate(text);
  if (!date) throw new InvalidArgumentError("expected a date like 2026-12-01");
  return date;
};

export function planCommand(): Command {
  return new Command("plan")
    .description("show a system's plan: phases, dates, criteria, triggers, approvals; without a system, list all")
    .addArgument(new Argument("[system]"))
    .option("--start <date>", "count dates from this day", startDate)
    .addOption(new Option("-e, --environment <name>", "whose phases").choices(environments).default("production"))
    .addOption(new Option("--ladder <name>", "which ladder").choices(ladders).default("normal"))
    .option("--json", "print the plan as data; without a system, an array of all plans")
    .addHelpText("after", "\nExamples:\n  rampart plan\n  rampart plan wdbx --start 2026-12-01\n  rampart plan --json")
    .action((system: string | undefined, options: PlanOptions) => {
      if (system === undefined) showAll(options);
      else showOne(findPlan(system), options);
    });
}

function showAll({ environment, ladder, json }: PlanOptions): void {
  if (json) {
    printJson(plans);
    return;
  }
  const rows = plans.map((plan) => {
    const phases = phasesOf(plan, planEnvironment(environment), ladder);
    const days = phaseDays(phases).at(-1)?.to ?? 0;
    return [
      plan.system,
      plan.adapter.kind,
      percentsText(phases) || "none",
      dayText(days, undefined),
      dependencyTexts(plan).join("; "),
    ];
  });
  printTable(["system", "exposes by", "percent, phase by phase", "done by", "needs"], rows);
}

function showOne(plan: Plan, { start, environment, ladder, json }: PlanOptions): void {
  if (json) {
    printJson(plan);
    return;
  }
  const phases = phasesOf(plan, planEnvironment(environment), ladder);
  if (phases.length === 0)
    throw new CliError(`${plan.system}'s plan has no ${ladder} ladder for ${environment}`, exitCode.usage);
  const facts = [
    `${environment}, ${ladder} ladder`,
    `exposes by ${plan.adapter.kind}`,
    `artifact: ${plan.artifact}`,
    ...dependencyTexts(plan),
  ];
  printLine(`${styled("bold", plan.system)}: ${plan.title}`);
  for (const line of wrap(facts.join("; "), lineWidth())) printLine(line);
  printLine();
  const days = phaseDays(phases);
  const rows = phases.map((phase, index) => [
    phase.name,
    String(phase.percent),
    dayText(days[index]!.from, start),
    dayText(days[index]!.to, start),
    phase.minDuration,
    exposureText(phase),
  ]);
  printTable(["phase", "%", "from", "until", "soak", "exposure in %"], rows);
  for (const phase of phases) showPhase(phase);
}

function showPhase(phase: Phase): void {
  printLine();
  printLine(`${styled("bold", phase.name)}: ${[phase.title, ...remarkTexts(phase)].join("; ")}`);
  const parts: [string, string[]][] = [
    ["passes when", phase.criteria.map(criterionText)],
    ["ends when", phase.triggers.map(triggerText)],
    ["needs", phase.requires.map(needText)],
    ["signed by", approvalTexts(phase)],
    ["steps", (phase.steps ?? []).map(({ what }) => what)],
  ];
  for (const [name, lines] of parts) {
    for (const [index, line] of lines.entries()) {
      const head = index === 0 ? name : "";
      for (const [part, text] of wrap(line, lineWidth() - 15).entries()) {
        printLine(`  ${(part === 0 ? head : "").padEnd(13)}${part === 0 ? "" : "  "}${text}`);
      }
    }
  }
}
