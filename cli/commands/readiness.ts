import { Command, Option } from "commander";
import { roles } from "../../rollout/plan/roles.ts";
import type { ReadinessClass, ReadinessItem } from "../../rollout/readiness/model.ts";
import { itemsOf, readinessItems } from "../../rollout/readiness/readiness.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { CliError, exitCode, printJson, printLine, printTable } from "../output.ts";
import { findPlan } from "../plans.ts";

interface ReadinessOptions {
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
    .option("--phase <phase>", "only what this phase needs")
    .addOption(new Option("--class <class>", "D: by policy, P: proven, A: attested").choices(classes))
    .addOption(new Option("--role <role>", "only what this role signs").choices(roles))
    .option("--json", "print an array of the items")
    .addHelpText("after", "\nExamples:\n  rampart readiness\n  rampart readiness wdbx --phase canary-5 --class A")
    .action((system: string | undefined, options: ReadinessOptions) => readiness(system, options));
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
