import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "commander";
import { checkLedger, describe, ledger } from "../../rollout/ledger/ledger.ts";
import { type LedgerKind, type LedgerRow, ledgerKinds } from "../../rollout/ledger/model.ts";
import { readinessItems } from "../../rollout/readiness/readiness.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { exitCode, printJson, printLine, printTable } from "../output.ts";

interface LedgerOptions {
  kind?: LedgerKind;
  waiting?: true;
  json?: true;
}

export function ledgerCommand(): Command {
  return new Command("ledger")
    .description("show for every requirement of the seeds what makes it hold, and where")
    .addOption(new Option("--kind <kind>", "only these").choices(ledgerKinds))
    .option("--waiting", "only those whose target is still to be built")
    .option("--json", "print one object, requirement id → kind, words and target")
    .addHelpText("after", "\nExamples:\n  rampart ledger --waiting\n  rampart ledger --kind policy --json")
    .action(showLedger);
}

function showLedger({ kind, waiting, json }: LedgerOptions): void {
  const all = ledger(plans, readinessItems);
  const problems = checkLedger(all, isThere);
  const rows = all.filter((row) => (kind === undefined || row.kind === kind) && (!waiting || "waitsFor" in row.target));
  if (json) printJson(Object.fromEntries(rows.map(({ id, ...rest }) => [id, rest])));
  else {
    printTable(
      ["requirement", "kind", "what", "where"],
      rows.map((row) => [row.id, row.kind, row.what, describe(row.target)]),
    );
    printLine(summary(all, rows));
  }
  for (const { id, message } of problems) console.error(`${id} ${message}`);
  if (problems.length > 0) process.exitCode = exitCode.problem;
}

/** Places are files of Rampart itself, wherever it's called from; what stands behind # is checked by its tests. */
function isThere(place: string): boolean {
  return existsSync(join(import.meta.dirname, "../..", place.split("#", 1)[0]!));
}

function summary(all: readonly LedgerRow[], shown: readonly LedgerRow[]): string {
  const waiting = all.filter(({ target }) => "waitsFor" in target).length;
  return `${shown.length} of ${all.length} requirements; ${waiting} of all wait for something that is still to be built`;
}
