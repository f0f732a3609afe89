import { Command, CommanderError } from "commander";
import { LiveError } from "../live/api.ts";
import { adoptCommand } from "./commands/adopt.ts";
import { checkCommand } from "./commands/check.ts";
import { codeownersCommand } from "./commands/codeowners.ts";
import { commsCommand } from "./commands/comms.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { evidenceCommand } from "./commands/evidence.ts";
import { handBackCommand } from "./commands/hand-back.ts";
import { ledgerCommand } from "./commands/ledger.ts";
import { planCommand } from "./commands/plan.ts";
import { postgresCommand } from "./commands/postgres.ts";
import { previewCommand } from "./commands/preview.ts";
import { probeCommand } from "./commands/probe.ts";
import { promoteCommand, settleCommand } from "./commands/promote.ts";
import { readinessCommand } from "./commands/readiness.ts";
import { replayCommand } from "./commands/replay.ts";
import { restoreCommand } from "./commands/restore.ts";
import { rollbackCommand } from "./commands/rollback.ts";
import { schemaCommand } from "./commands/schema.ts";
import { signCommand } from "./commands/sign.ts";
import { statusCommand } from "./commands/status.ts";
import { validateCommand } from "./commands/validate.ts";
import { verifyCommand } from "./commands/verify.ts";
import { waiveCommand } from "./commands/waive.ts";
import { CliError, exitCode } from "./output.ts";

const program = new Command("rampart")
  .description("Takes systems to production phase by phase.")
  .showHelpAfterError("(`rampart --help` lists the commands)")
  .addHelpText("after", "\nExamples:\n  rampart plan wdbx\n  rampart validate --stack production")
  .addCommand(planCommand())
  .addCommand(statusCommand())
  .addCommand(previewCommand())
  .addCommand(promoteCommand())
  .addCommand(settleCommand())
  .addCommand(rollbackCommand())
  .addCommand(adoptCommand())
  .addCommand(handBackCommand())
  .addCommand(doctorCommand())
  .addCommand(validateCommand())
  .addCommand(commsCommand())
  .addCommand(ledgerCommand())
  .addCommand(readinessCommand())
  .addCommand(probeCommand())
  .addCommand(checkCommand())
  .addCommand(signCommand())
  .addCommand(verifyCommand())
  .addCommand(evidenceCommand())
  .addCommand(replayCommand())
  .addCommand(restoreCommand())
  .addCommand(postgresCommand())
  .addCommand(waiveCommand())
  .addCommand(codeownersCommand())
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
  if (!(error instanceof CliError || error instanceof LiveError)) throw error;
  console.error(`rampart: ${error.message}`);
  return error instanceof CliError ? error.code : exitCode.problem;
}
