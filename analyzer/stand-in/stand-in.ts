// A stand-in for the analyzer: observes and latches, measures nothing. See README.md beside this file.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Command } from "commander";
import { type Api, connect } from "../../live/api.ts";
import { LiveError } from "../../live/live-error.ts";
import { StandIn } from "./writer.ts";

const account = "/api/v1/namespaces/rampart-system/serviceaccounts/analyzer/token";

// Inside a checkout with embedded clusters theirs is the kubeconfig, unless KUBECONFIG names another.
const embedded = join(import.meta.dirname, "../../.rampart/kubeconfig");
if (!process.env.KUBECONFIG && existsSync(embedded)) process.env.KUBECONFIG = embedded;

/** Logs in as the analyzer's account with a token for an hour, which an admin may ask for. */
async function asAnalyzer(context: string): Promise<Api> {
  const admin = connect(context);
  const answer = await admin.create(account, {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: { expirationSeconds: 3600 },
  });
  return connect(context, (answer as { status: { token: string } }).status.token);
}

const program = new Command("stand-in")
  .description("does by hand what the analyzer does: nothing is measured, a phase passes when you say so")
  .option("-c, --context <name>", "context of the kubeconfig, of an admin", "staging-admin");

program
  .command("watch")
  .description("observes every Rollout until it is interrupted, so that updates can go on")
  .action(async () => {
    const { context } = program.opts<{ context: string }>();
    const end = Date.now() + 3_000_000;
    const standIn = new StandIn(await asAnalyzer(context));
    console.error(`stand-in: watching ${context}; Ctrl-C ends it`);
    while (Date.now() < end) {
      await standIn.look().catch((error: Error) => console.error(`stand-in: ${error.message}`));
      await pause(250);
    }
  });

program
  .command("pass")
  .description("says that the current phase of a system has passed")
  .argument("<system>")
  .option("--without-soak", "also where the phase hasn't been watched for as long as its plan asks")
  .action(async (system: string, options: { withoutSoak?: true }) => {
    const { context } = program.opts<{ context: string }>();
    const standIn = new StandIn(await asAnalyzer(context));
    await standIn.look();
    console.log(`${system}: ${await standIn.pass(system, options)} has passed`);
  });

program
  .command("abort")
  .description("ends a system's attempt, as a trigger of its plan would")
  .argument("<system>")
  .argument("[reason]", "what was seen", "the stand-in was told so")
  .option("--previous", "back to the phase before instead of to nobody")
  .action(async (system: string, reason: string, { previous }: { previous?: true }) => {
    const { context } = program.opts<{ context: string }>();
    const standIn = new StandIn(await asAnalyzer(context));
    await standIn.abort(system, "stand-in", reason, previous ? "previous" : "zero");
    console.log(`${system}: aborted`);
  });

try {
  await program.parseAsync();
} catch (error) {
  const known = error instanceof LiveError || (error instanceof Error && error.constructor === Error);
  console.error(known ? `stand-in: ${(error as Error).message}` : error);
  process.exitCode = 1;
}
