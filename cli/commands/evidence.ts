import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Command } from "commander";
import { type KeptAttempt, readKept } from "../../live/evidence.ts";
import { evidenceFolder } from "../../live/signed-files.ts";
import { parseEvidence } from "../../rollout/evidence/evidence-file.ts";
import { type LogEntry, verifyLog } from "../../rollout/evidence/log.ts";
import { formatLog, isContinued, parseLogFile } from "../../rollout/evidence/log-file.ts";
import { parseRecord } from "../../rollout/verdict/record.ts";
import { writeNew } from "../evidence-files.ts";
import { CliError, printLine } from "../output.ts";
import { findPlan } from "../plans.ts";
import { configOf, openStack } from "../stack.ts";

export function evidenceCommand(): Command {
  return new Command("evidence")
    .description("what the analyzer keeps of each attempt")
    .addCommand(pullCommand().exitOverride());
}

function pullCommand(): Command {
  return new Command("pull")
    .description("take what is kept in the cluster over into the project: logs, records of phases, signed passes")
    .argument("[system]", "only of this one")
    .requiredOption("-s, --stack <stack>", "the stack whose cluster is read")
    .addHelpText(
      "after",
      "\nWhat is there already is left as it is; a log only grows. Commit it: a cluster can be lost.",
    )
    .addHelpText("after", "\nExample:\n  rampart evidence pull wdbx --stack production")
    .action((system: string | undefined, { stack }: { stack: string }) => pull(system, stack));
}

async function pull(system: string | undefined, name: string): Promise<void> {
  if (system !== undefined) findPlan(system);
  const stack = openStack(name);
  const { environment } = configOf(stack);
  const kept = await readKept(stack.api, system);
  const written = kept.flatMap((one) => takeOver(stack.directory, environment, one));
  for (const file of written) printLine(relative(stack.directory, file));
  if (kept.length === 0) printLine(`nothing is kept in ${stack.api.context} yet`);
  else if (written.length === 0) printLine("everything is here already");
}

/** The files that are new or have grown. */
function takeOver(directory: string, stack: string, { system, attempt, ...kept }: KeptAttempt): string[] {
  const folder = join(directory, evidenceFolder, stack, system);
  const own = join(folder, `attempt-${attempt}`);
  const where = `the log of ${system}, attempt ${attempt}, in the cluster`;
  const problems = verifyLog({ system, stack, attempt }, kept.log);
  if (problems.length > 0)
    throw new CliError(`${where} isn't whole: ${problems.map(({ message }) => message).join("; ")}`);
  const named = new Set(kept.log.flatMap(({ evidence }) => evidence));
  const records = kept.records.flatMap((text): [string, string][] => {
    const { record, digest } = parseRecord(text, where);
    // One that lost against another replica's is named by nobody.
    if (!named.delete(digest)) return [];
    const file = `${record.watched.spec.phase}-${record.end}-${digest.slice("sha256:".length).slice(0, 12)}.json`;
    return [[join(own, file), `${JSON.stringify(JSON.parse(text), undefined, 1)}\n`]];
  });
  const statements = kept.statements.map((text): [string, string] => {
    const { statement } = parseEvidence(text, where);
    const { phase, issuedAt, signer } = statement;
    const file = [phase, `attempt-${attempt}`, signer.role, issuedAt.replaceAll(/[-:]/g, "")].join("-");
    return [join(folder, `${file}.json`), text];
  });
  if (named.size > 0) throw new CliError(`${where} names records that aren't there: ${[...named].join(", ")}`);
  const fresh = [...records, ...statements].filter(([file]) => !existsSync(file));
  for (const [file, text] of fresh) writeNew(file, text);
  return [...writeLog(join(own, "log.json"), { system, stack, attempt }, kept.log), ...fresh.map(([file]) => file)];
}

/** A log that goes another way than the one in the project was tampered with, here or there. */
function writeLog(file: string, owner: { system: string; stack: string; attempt: number }, log: readonly LogEntry[]) {
  if (log.length === 0) return [];
  const text = formatLog(owner, log);
  if (!existsSync(file)) {
    writeNew(file, text);
    return [file];
  }
  const before = parseLogFile(readFileSync(file, "utf8"), file).log;
  if (!isContinued(before, log)) {
    throw new CliError(
      `${file}: the cluster's log of this attempt isn't its continuation; find out who has changed which`,
    );
  }
  if (before.length === log.length) return [];
  writeFileSync(file, text);
  return [file];
}
