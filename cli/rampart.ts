import { Command, CommanderError } from "commander";
import { LiveError } from "../live/live-error.ts";
import { CliError, exitCode } from "./output.ts";

/** Loaded when asked for: the cluster's client alone takes longer than most commands. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  plan: async () => (await import("./commands/plan.ts")).planCommand(),
  status: async () => (await import("./commands/status.ts")).statusCommand(),
  preview: async () => (await import("./commands/preview.ts")).previewCommand(),
  promote: async () => (await import("./commands/promote.ts")).promoteCommand(),
  settle: async () => (await import("./commands/promote.ts")).settleCommand(),
  rollback: async () => (await import("./commands/rollback.ts")).rollbackCommand(),
  adopt: async () => (await import("./commands/adopt.ts")).adoptCommand(),
  "hand-back": async () => (await import("./commands/hand-back.ts")).handBackCommand(),
  doctor: async () => (await import("./commands/doctor.ts")).doctorCommand(),
  validate: async () => (await import("./commands/validate.ts")).validateCommand(),
  comms: async () => (await import("./commands/comms.ts")).commsCommand(),
  ledger: async () => (await import("./commands/ledger.ts")).ledgerCommand(),
  readiness: async () => (await import("./commands/readiness.ts")).readinessCommand(),
  probe: async () => (await import("./commands/probe.ts")).probeCommand(),
  check: async () => (await import("./commands/check.ts")).checkCommand(),
  sign: async () => (await import("./commands/sign.ts")).signCommand(),
  verify: async () => (await import("./commands/verify.ts")).verifyCommand(),
  evidence: async () => (await import("./commands/evidence.ts")).evidenceCommand(),
  replay: async () => (await import("./commands/replay.ts")).replayCommand(),
  restore: async () => (await import("./commands/restore.ts")).restoreCommand(),
  postgres: async () => (await import("./commands/postgres.ts")).postgresCommand(),
  waive: async () => (await import("./commands/waive.ts")).waiveCommand(),
  codeowners: async () => (await import("./commands/codeowners.ts")).codeownersCommand(),
  schema: async () => (await import("./commands/schema.ts")).schemaCommand(),
};

const program = new Command("rampart")
  .description("Takes systems to production phase by phase.")
  .showHelpAfterError("(`rampart --help` lists the commands)")
  .addHelpText("after", "\nExamples:\n  rampart plan wdbx\n  rampart validate --stack production");

const asked = process.argv[2] ?? "";
for (const load of Object.hasOwn(commands, asked) ? [commands[asked]!] : Object.values(commands))
  program.addCommand(await load());

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
