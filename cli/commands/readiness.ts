import { Command, Option } from "commander";
import { checklistOf, type PhaseChecklist } from "../../rollout/checklist/phase.ts";
import { readinessReport } from "../../rollout/checklist/report.ts";
import { classOf } from "../../rollout/checklist/verdict.ts";
import { roles } from "../../rollout/plan/roles.ts";
import type { ReadinessClass, ReadinessItem } from "../../rollout/readiness/model.ts";
import { itemsOf, readinessItems } from "../../rollout/readiness/readiness.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { CliError, exitCode, lineWidth, printJson, printLine, printTable } from "../output.ts";
import { findPlan } from "../plans.ts";
import { signedFor } from "../signed.ts";
import { liveOf, openStack } from "../stack.ts";
import { wrap } from "../table.ts";

interface ReadinessOptions {
  stack?: string;
  phase?: string;
  class?: ReadinessClass;
  role?: string;
  json?: true;
}

const classes: readonly ReadinessClass[] = ["D", "P", "A"];

export function readinessCommand(): Command {
  return new Command("readiness")
    .description("list the checklist items of a system and who supplies them; without a system, count them all")
    .argument("[system]")
    .option(
      "-s, --stack <stack>",
      "how far the system's rollout in this stack is: what holds, what is missing, by whom",
    )
    .option("--phase <phase>", "only what this phase needs")
    .addOption(new Option("--class <class>", "D: by policy, P: proven, A: attested").choices(classes))
    .addOption(new Option("--role <role>", "only what this role signs").choices(roles))
    .option("--json", "print an array of the items")
    .addHelpText("after", "\nExamples:\n  rampart readiness\n  rampart readiness wdbx --phase canary-5 --class A")
    .addHelpText("after", "  rampart readiness wdbx --stack production")
    .action((system: string | undefined, options: ReadinessOptions) =>
      options.stack === undefined ? readiness(system, options) : readinessInStack(system, options, options.stack),
    );
}

function readiness(system: string | undefined, options: ReadinessOptions): void {
  const all = system === undefined ? readinessItems : itemsOf(findPlan(system).system);
  const phases = [...new Set(all.map(({ phase }) => phase))];
  if (options.phase !== undefined && !phases.includes(options.phase)) {
    throw new CliError(`no item belongs to phase ${options.phase}; there are ${phases.join(", ")}`, exitCode.usage);
  }
  const items = all.filter(
    (item) =>
      (options.phase === undefined || item.phase === options.phase) &&
      (options.class === undefined || [item.class, item.and, item.or].includes(options.class)) &&
      (options.role === undefined || item.role === options.role),
  );
  if (options.json) printJson(items);
  else if (system === undefined) printCounts(items);
  else if (items.length === 0) printLine("no such items");
  else printTable(["item", "class", "phase", "signed by", "valid", "what"], items.map(row));
}

function row(item: ReadinessItem): string[] {
  return [item.id, classText(item), item.phase, item.role ?? "a policy", item.validity ?? "", item.what];
}

/** The checklists of a rollout as they are now, the one of its phase in full. */
async function readinessInStack(system: string | undefined, options: ReadinessOptions, name: string): Promise<void> {
  if (system === undefined) throw new CliError("with --stack, name the system too", exitCode.usage);
  if (options.class ?? options.role)
    throw new CliError("--stack has the whole checklist; leave out --class and --role", exitCode.usage);
  const plan = findPlan(system);
  const stack = openStack(name);
  const rollout = (await liveOf(stack))[system]?.rollout;
  if (!rollout) throw new CliError(`${system} has no Rollout in ${stack.api.context}, so nothing is being got ready`);
  const signed = signedFor(stack.directory, name);
  const { phases, phase: current = phases[0]!.name } = rollout.spec;
  const shown = options.phase ?? current;
  const checklists = phases.map((phase) => checklistOf(plan, rollout, phase.name, signed));
  const chosen = checklists.find(({ phase }) => phase === shown);
  if (!chosen) {
    const known = phases.map((phase) => phase.name).join(", ");
    throw new CliError(`${system} has no phase ${shown} in ${name}; there are ${known}`, exitCode.usage);
  }
  if (options.json) return printJson(checklists);
  printTable(["phase", "hold", "of", "missing", "left to the preview"], checklists.filter(hasItems).map(checklistRow));
  printLine();
  for (const line of readinessReport(`${system} in ${name}, to leave ${shown}`, chosen.verdicts).split("\n")) {
    const indent = line.startsWith(" ") ? "  " : "";
    const [first, ...rest] = wrap(line.trim(), lineWidth() - 4);
    for (const one of [`${indent}${first}`, ...rest.map((part) => `${indent}  ${part}`)]) printLine(one);
  }
}

const hasItems = ({ verdicts, leftToPreview }: PhaseChecklist): boolean => verdicts.length + leftToPreview > 0;

function checklistRow({ phase, verdicts, leftToPreview }: PhaseChecklist): string[] {
  const open = verdicts.filter(({ isMet }) => !isMet);
  const missing = classes.flatMap((one) => {
    const count = open.filter((verdict) => classOf(verdict) === one).length;
    return count > 0 ? [`${count} ${one}`] : [];
  });
  const numbers = [verdicts.length - open.length, verdicts.length].map(String);
  return [phase, ...numbers, missing.join(", ") || "nothing", leftToPreview === 0 ? "" : String(leftToPreview)];
}

/** `D+P`: both are needed. `P/A`: the second will do where the first can't be had. */
function classText({ class: first, and, or }: Pick<ReadinessItem, "class" | "and" | "or">): string {
  return `${first}${and ? `+${and}` : ""}${or ? `/${or}` : ""}`;
}

function printCounts(items: readonly ReadinessItem[]): void {
  const count = (list: readonly ReadinessItem[]) => [
    String(list.length),
    ...classes.map((one) => String(list.filter((item) => item.class === one).length)),
  ];
  const rows = plans.map(({ system }) => [
    system,
    ...count(items.filter((item) => item.systems.some((one) => one === system))),
  ]);
  printTable(["system", "items", "by policy", "proven", "attested"], rows);
  printLine(`${items.length} items in all; some belong to several systems`);
}
