import { join } from "node:path";
import { Command } from "commander";
import { signersFile } from "../../live/signed-files.ts";
import { type AllowedSigner, parseAllowedSigners } from "../../rollout/evidence/allowed-signers.ts";
import { parseEvidence } from "../../rollout/evidence/evidence-file.ts";
import { EvidenceError, type Refusal } from "../../rollout/evidence/refusal.ts";
import type { Statement } from "../../rollout/evidence/statement.ts";
import { verifyEvidence } from "../../rollout/evidence/verify.ts";
import { evidenceFiles, readText } from "../evidence-files.ts";
import { exitCode, printJson, printLine } from "../output.ts";
import { projectDirectory } from "../project.ts";
import { configOf, liveOf, openStack } from "../stack.ts";

interface Checked {
  file: string;
  holds: boolean;
  statement?: Statement;
  refusals: readonly Refusal[];
  /** In what it isn't about the rollout that is live now; left out where that wasn't asked, or is another stack's. */
  notLive?: readonly string[];
}

export function verifyCommand(): Command {
  return new Command("verify")
    .description("check signatures, signers and validity of evidence")
    .argument("[files...]", "evidence files; all of this project without any")
    .option("--signers <file>", "who may sign as what", signersFile)
    .option("-s, --stack <stack>", "also say which of its evidence is about what is live in its cluster")
    .option("--json", "print an array, one entry per file")
    .addHelpText(
      "after",
      "\nExamples:\n  rampart verify\n  rampart verify evidence/production/wdbx/canary-5-sre.json --json",
    )
    .action(verify);
}

interface VerifyOptions {
  signers: string;
  stack?: string;
  json?: true;
}

async function verify(files: readonly string[], { signers: signersPath, stack, json }: VerifyOptions): Promise<void> {
  const directory = projectDirectory();
  const isGiven = files.length > 0;
  const names = isGiven ? files : evidenceFiles(directory);
  const signers =
    names.length === 0 ? [] : readSigners(isGiven ? signersPath : join(directory, signersPath), signersPath);
  const found = names.map((name) => check(name, readText(isGiven ? name : join(directory, name)), signers));
  const checked = stack === undefined ? found : await againstLive(found, stack);
  if (json) printJson(checked);
  else if (checked.length === 0) printLine("no evidence here yet");
  else for (const one of checked) printLine(describe(one));
  if (checked.some(({ holds }) => !holds)) process.exitCode = exitCode.problem;
}

async function againstLive(checked: readonly Checked[], name: string): Promise<Checked[]> {
  const stack = openStack(name);
  const { environment } = configOf(stack);
  const live = await liveOf(stack);
  return checked.map((one) => {
    const { statement } = one;
    if (statement?.stack !== environment) return one;
    const spec = live[statement.system]?.rollout?.spec;
    const notLive = spec
      ? (["artifact", "revision", "planDigest", "attempt"] as const).filter((key) => statement[key] !== spec[key])
      : ["system"];
    return { ...one, notLive };
  });
}

function readSigners(path: string, shown: string): AllowedSigner[] {
  return parseAllowedSigners(readText(path), shown);
}

/** Whether the claim holds by itself; whether it is the one a rollout needs now is for the guards to say. */
function check(file: string, text: string, signers: readonly AllowedSigner[]): Checked {
  try {
    const evidence = parseEvidence(text, file);
    const { statement } = evidence;
    const { system, stack } = placeOf(file) ?? statement;
    const expected = { ...statement, system, stack, roles: [statement.signer.role], notApplicable: true };
    const refusals = verifyEvidence(evidence, expected, signers, { now: Date.now() / 1000 }, file);
    return { file, holds: refusals.length === 0, statement, refusals };
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    return { file, holds: false, refusals: [{ code: error.code, message: error.message }] };
  }
}

/** A file in another system's folder is no evidence for that system. */
function placeOf(file: string): { system: string; stack: string } | undefined {
  const match = /(?:^|\/)evidence\/([^/]+)\/([^/]+)\/[^/]+$/.exec(file);
  return match ? { stack: match[1]!, system: match[2]! } : undefined;
}

function describe({ file, holds, statement, refusals, notLive }: Checked): string {
  if (!holds || !statement) return refusals.map(({ message }) => message).join("\n");
  const { items, result, phase, attempt, signer, expires } = statement;
  return `${file}: holds: ${items.join(", ")} ${result} in ${phase}, attempt ${attempt}, by ${signer.principal} as ${signer.role}, until ${expires}${livesText(notLive)}`;
}

function livesText(notLive: readonly string[] | undefined): string {
  if (!notLive) return "";
  return notLive.length === 0 ? "; about what is live" : `; not about what is live: another ${notLive.join(", ")}`;
}
