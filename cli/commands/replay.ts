import { Command } from "commander";
import { parseRecord, replayDifferences } from "../../rollout/verdict/record.ts";
import { readText } from "../evidence-files.ts";
import { CliError, exitCode, printJson, printLine } from "../output.ts";

export function replayCommand(): Command {
  return new Command("replay")
    .description("come to a phase's verdict once more, from the windows that were kept of it")
    .argument("<files...>", "records of phases, as rampart evidence pull writes them")
    .option("--json", "print an array, one entry per file")
    .addHelpText("after", "\nExit code 1 where it comes to something else than it said then.")
    .addHelpText("after", "\nExample:\n  rampart replay evidence/production/wdbx/attempt-3/*.json")
    .action((files: string[], { json }: { json?: true }) => replay(files, json === true));
}

function replay(files: readonly string[], asJson: boolean): void {
  const replayed = files.filter((file) => !file.endsWith("/log.json")).map(replayOne);
  if (asJson) printJson(replayed);
  else for (const { text } of replayed) printLine(text);
  if (replayed.some(({ differences }) => differences.length > 0)) process.exitCode = exitCode.problem;
}

function replayOne(file: string) {
  const { record, digest } = parsed(file);
  const { spec } = record.watched;
  const differences = replayDifferences(record);
  const what = `${spec.system}, attempt ${spec.attempt}, ${spec.phase}: ${record.said.outcome}`;
  const text = [
    `${file}: ${what}, ${differences.length === 0 ? "and so it is again" : "and now it isn't"}`,
    `  ${record.said.reason}`,
    ...differences.map((difference) => `  ${difference}`),
  ].join("\n");
  return { file, digest, said: record.said, differences, text };
}

function parsed(file: string) {
  try {
    return parseRecord(readText(file), file);
  } catch (error) {
    throw error instanceof CliError ? error : new CliError((error as Error).message);
  }
}
