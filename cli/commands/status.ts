import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import { CliError, exitCode, lineWidth, printJson, printLine } from "../output.ts";
import { findPlan } from "../plans.ts";
import { see } from "../see.ts";
import { openStack, type Stack } from "../stack.ts";
import { reportAll, type SystemReport } from "../status-report.ts";
import { statusHead, statusLines, statusRow } from "../status-text.ts";
import { table, wrap } from "../table.ts";

interface StatusOptions {
  stack: string;
  watch?: true;
  json?: true;
}

export function statusCommand(): Command {
  return new Command("status")
    .description("show how far each system is, what comes next, and everything that stands against it now")
    .argument("[system]")
    .requiredOption("-s, --stack <stack>", "the stack whose cluster is read")
    .option("-w, --watch", "again every two seconds, until it is interrupted")
    .option("--json", "print an array, one entry per system")
    .addHelpText(
      "after",
      "\nExamples:\n  rampart status --stack production\n  rampart status wdbx --stack staging --watch",
    )
    .addHelpText("after", "\nWhat the preview checks beside it (signatures, windows, freezes), the preview says.")
    .action((system: string | undefined, options: StatusOptions) => status(system, options));
}

async function status(system: string | undefined, options: StatusOptions): Promise<void> {
  if (system !== undefined) findPlan(system);
  const stack = openStack(options.stack);
  do {
    const reports = await read(stack, system);
    if (options.json) printJson(reports);
    else printReports(reports, options.watch === true && process.stdout.isTTY);
    if (options.watch) await pause(2000);
  } while (options.watch);
}

async function read(stack: Stack, system: string | undefined): Promise<SystemReport[]> {
  const reports = reportAll(await see(stack));
  if (system === undefined) return reports;
  const found = reports.filter((one) => one.system === system);
  if (found.length === 0)
    throw new CliError(`${system} is neither in the config of ${stack.name} nor in its cluster`, exitCode.problem);
  return found;
}

function printReports(reports: readonly SystemReport[], isRedrawn: boolean): void {
  const width = lineWidth();
  const indent = (line: string): string => /^ */.exec(line)![0];
  const lines = reports.flatMap(statusLines).flatMap((line) => {
    const space = indent(line);
    return wrap(line.trimStart(), width - space.length).map((part, at) => `${space}${at > 0 ? "  " : ""}${part}`);
  });
  if (isRedrawn) printLine("\u001b[2J\u001b[H");
  for (const line of [...table(statusHead, reports.map(statusRow), width), "", ...lines]) printLine(line);
}
