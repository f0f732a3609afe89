import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { Command } from "commander";
import { evidenceFolder } from "../../live/signed-files.ts";
import { parseEvidence } from "../../rollout/evidence/evidence-file.ts";
import { logGenesis, logHead, replayLog } from "../../rollout/evidence/log.ts";
import { type LogFile, parseLogFile } from "../../rollout/evidence/log-file.ts";
import { formatReason } from "../../rollout/transitions/reason.ts";
import { restorePasses } from "../../rollout/transitions/restore.ts";
import { againstLog, restoreItem, restorers } from "../../rollout/verdict/restored.ts";
import { readText } from "../evidence-files.ts";
import { CliError, printLine } from "../output.ts";
import { findPlan } from "../plans.ts";
import { configOf, liveOf, openStack } from "../stack.ts";
import { writeSigned } from "./sign.ts";

interface RestoreOptions {
  stack: string;
  attempt: string;
  as: string;
  role: string;
  key: string;
}

export function restoreCommand(): Command {
  return new Command("restore")
    .description("vouch for the log of a rollout whose cluster was lost, so that its passes count in the new one")
    .argument("<system>")
    .requiredOption("-s, --stack <stack>", "the stack whose cluster was rebuilt")
    .requiredOption("--attempt <number>", "the attempt that was under way, as its folder in evidence/ is called")
    .requiredOption("--as <principal>", "who vouches, as allowed_signers writes it")
    .requiredOption("--role <role>", `in which role: ${restorers.join(", ")}`)
    .requiredOption("--key <file>", "SSH key, private or public with an agent")
    .addHelpText(
      "after",
      "\nCommit what it writes, run pulumi up, then climb with rampart promote, one phase for each pulumi up.",
    )
    .addHelpText(
      "after",
      "\nExample:\n  rampart restore wdbx --stack production --attempt 3 --as anna@example.com --role sre --key ~/.ssh/id_ed25519",
    )
    .action(restore);
}

async function restore(system: string, { stack: name, attempt, ...by }: RestoreOptions): Promise<void> {
  findPlan(system);
  const stack = openStack(name);
  const { environment } = configOf(stack);
  const folder = join(stack.directory, evidenceFolder, environment, system);
  const found = readLog(join(folder, `attempt-${attempt}`, "log.json"), stack.directory);
  const problems = [...againstLog(found, { system }, environment), ...againstCut(found, folder)];
  if (problems.length > 0) throw new CliError(`the log of attempt ${attempt} restores nothing: ${problems.join("; ")}`);
  const rollout = (await liveOf(stack))[system]?.rollout;
  if (!rollout)
    throw new CliError(`${system} has no Rollout in ${stack.api.context}; run pulumi up --stack ${name} first`);
  const { spec } = rollout;
  const end = replayLog(
    found.log,
    spec.phases.map((phase) => phase.name),
  );
  const { tried, reasons, passed } = restorePasses(rollout, end);
  if (reasons.length > 0) throw new CliError(reasons.map((reason) => formatReason(tried, reason)).join("\n"));
  if (passed.length === 0)
    throw new CliError(`${tried}: the log ends without a pass that counts, so there is nothing to take over`);
  const file = writeSigned(system, {
    ...{ stack: name, ...by, item: [restoreItem], phase: spec.phases[0]!.name, result: "passed", days: 7 },
    ...{
      revision: spec.revision,
      attempt: spec.attempt,
      planDigest: spec.planDigest,
      logHead: logHead(found.owner, found.log),
    },
  });
  printLine(relative(stack.directory, file));
  printLine(`taken over with the next pulumi up: ${passed.map(({ phase }) => phase).join(", ")}`);
}

function readLog(file: string, directory: string): LogFile {
  try {
    return parseLogFile(readText(file), relative(directory, file));
  } catch (error) {
    throw error instanceof CliError ? error : new CliError((error as Error).message);
  }
}

/** A log whose end was cut off looks whole by itself; what the analyzer has signed names entries of it. */
function againstCut({ owner, log }: LogFile, folder: string): string[] {
  const known = new Set([logGenesis(owner), ...log.map(({ hash }) => hash)]);
  return globSync(join(folder, "*.json")).flatMap((path) => {
    const { statement } = parseEvidence(readText(path), path);
    const { items, logHead: head, attempt, stack, phase } = statement;
    const isOfThis = attempt === owner.attempt && stack === owner.stack && !items.includes(restoreItem);
    return isOfThis && head && !known.has(head) ? [`it lacks the entry that the pass of ${phase} was signed upon`] : [];
  });
}
