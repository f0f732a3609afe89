import { Command, CommanderError } from "commander";
import { ledgerCommand } from "./commands/ledger.ts";
import { planCommand } from "./commands/plan.ts";
import { readinessCommand } from "./commands/readiness.ts";
import { schemaCommand } from "./commands/schema.ts";
import { signCommand } from "./commands/sign.ts";
import { validateCommand } from "./commands/validate.ts";
import { verifyCommand } from "./commands/verify.ts";
import { CliError, exitCode } from "./output.ts";

const program = new Command("rampart")
  .description("Takes systems to production phase by phase.")
  .showHelpAfterError("(`rampart --help` lists the commands)")
  .addHelpText("after", "\nExamples:\n  rampart plan wdbx\n  rampart validate --stack production")
  .addCommand(planCommand())
  .addCommand(validateCommand())
  .addCommand(ledgerCommand())
  .addCommand(readinessCommand())
  .addCommand(signCommand())
  .addCommand(verifyCommand())
  .addCommand(schemaCommand());

// A reader that has seen enough (`rampart plan | head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
for (const command of [program, ...program.commands]) command.exitOverride();

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Commander has said its own errors already; ours are said here, and anything else is a defect with its stack. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.ok : exitCode.usage;
  if (!(error instanceof CliError)) throw error;
  console.error(`rampart: ${error.message}`);
  return error.code;
}
