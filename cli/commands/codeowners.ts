import { Command } from "commander";
import { codeOwners } from "../../rollout/evidence/code-owners.ts";
import { plans } from "../../stacks/systems/plans.ts";
import { printLine } from "../output.ts";

export function codeownersCommand(): Command {
  return new Command("codeowners")
    .description("print the CODEOWNERS file that follows from plans, checklists and roles")
    .addHelpText("after", "\nExample:\n  rampart codeowners > CODEOWNERS")
    .action(() => printLine(codeOwners(plans).trimEnd()));
}
